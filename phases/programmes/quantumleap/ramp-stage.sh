# What scripts/ramp.sh needs for this programme: a generated database, and the application with its users. Faults are the
# application's own.
# shellcheck shell=bash

VARIANTS=(good slow thin leak)

stage_generate() { "$BIN/quantumleap" generate "$WORK/production_trading.db" --users 500 --trades $(($1 * 20000)) --seed 42; }

stage_traffic() {
    local options=(--rate 400)
    case $VARIANT in
    slow) options+=(--slow-down 1.5) ;;
    thin) options=(--rate 4) ;;
    # It takes hundreds of users to see, not thousands of requests.
    leak) options=(--rate 100 --leak 10) ;;
    esac
    "$BIN/quantumleap" traffic "$WORK/production_trading.db" --flags "$WORK/flags.sqlite" \
        --telemetry "$WORK/telemetry.sqlite" --writes 0 --duration 600s "${options[@]}" >"$WORK/traffic.log" 2>&1 &
    TRAFFIC_PIDS+=($!)
    wait_for "$WORK/telemetry.sqlite" "$WORK/traffic.log"
}
