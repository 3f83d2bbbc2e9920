# What scripts/programme.sh and scripts/ramp.sh share: a programme's stage, its users and a controller, none of which is
# left running. Sourced from the project's directory, with NAME, VARIANT, WORK, REPORTS and ROLLOUT set.
# shellcheck shell=bash

BIN=${PHASEGATE_BIN:-$(swift build -c release --show-bin-path)}
BIN=$(cd "$BIN" && pwd)
TRAFFIC_PIDS=()
controller=

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] || say() { printf '\n%s\n' "$*"; }

# What a stage need not define.
stage_start() { :; }
stage_fault() { :; }
stage_stop() { :; }

finish() {
    local status=$?
    trap - EXIT
    # Whatever goes wrong here must neither keep a server running nor change how it ended.
    set +e
    if [ -n "$controller" ]; then
        kill "$controller" 2>/dev/null
        wait "$controller" 2>/dev/null
    fi
    if [ ${#TRAFFIC_PIDS[@]} -gt 0 ]; then
        kill "${TRAFFIC_PIDS[@]}" 2>/dev/null
        wait "${TRAFFIC_PIDS[@]}" 2>/dev/null
    fi
    stage_stop
    exit "$status"
}

# An empty workspace; from here on, everything ends with the script.
begin_stage() {
    # Before anything is deleted: a server that an interrupted run has left.
    stage_stop
    rm -rf "$WORK" "$REPORTS"
    mkdir -p "$WORK"
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Waits until a program beside has written a file: wait_for FILE LOG
wait_for() {
    local try
    for try in $(seq 200); do
        [ ! -s "$1" ] || return 0
        sleep 0.1
    done
    cat "$2" >&2
    exit 69
}

# Ticks the rollout until it is finished, held or stopped, and returns its status: run_rollout OPTIONS…
run_rollout() {
    local status=0
    # In the background, so that a signal is heard at once and not when it has ended.
    "$BIN/phasegate" run "$ROLLOUT" --workspace "$WORK" --reports "$REPORTS" "$@" &
    controller=$!
    wait "$controller" || status=$?
    controller=
    return "$status"
}
