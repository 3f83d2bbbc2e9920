#!/usr/bin/env bash
# Measures what docs/benchmarks.md says, side by side with what people would
# use instead, and exits 1 when a bound of Benchmarks/thresholds.json is missed.
#
#   Benchmarks/run.sh            everything: HOURS and DISK
#   Benchmarks/run.sh gate tick  some of: status gate tick ledger page outbox backup junit losses ramp kills ofrep servers
#
# PHASEGATE_BIN names the directory of the release binary, BENCH_MEGABYTES the
# size of the database that is backed up, BENCH_ENTRIES the length of the long
# ledger, BENCH_ROWS that of the table that is hashed on the servers. The figures
# are also written to .demo/bench/results.json, junit.json, ramp.json and results-servers.json.
set -euo pipefail
cd "$(dirname "$0")/.."

release=(-c release --static-swift-stdlib)
bin=${PHASEGATE_BIN:-$(swift build "${release[@]}" --show-bin-path)}
bench=(-c release --package-path Benchmarks)
work=$PWD/.demo/bench

say() { printf '%s\n' "$*"; }

# As root, in a container, what is missing can be installed; elsewhere it is named.
need() {
    local program=$1
    shift
    command -v "$program" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing $*"
        { apt-get update -q && apt-get install -q -y --no-install-recommends "$@"; } >/dev/null
    else
        say "$program is missing: install $*" >&2
        exit 69
    fi
}

# One migration each, applied: the least that the two can be asked about.
prepare_alembic() {
    local home=$work/alembic tool=$work/venv/bin/alembic
    if [ ! -x "$tool" ]; then
        say "Installing alembic into $work/venv"
        python3 -m venv "$work/venv"
        "$work/venv/bin/pip" install --quiet --disable-pip-version-check alembic
    fi
    rm -rf "$home"
    mkdir -p "$home"
    (
        cd "$home"
        "$tool" init migrations
        sed -i 's|^sqlalchemy.url.*|sqlalchemy.url = sqlite:///app.db|' alembic.ini
        "$tool" revision -m first
        "$tool" upgrade head
    ) >/dev/null 2>&1
    export BENCH_ALEMBIC=$tool
}

prepare_sqitch() {
    local home=$work/sqitch
    rm -rf "$home"
    mkdir -p "$home"
    (
        cd "$home"
        export SQITCH_FULLNAME=Bench SQITCH_EMAIL=bench@example.org
        sqitch init bench --engine sqlite --target db:sqlite:app.db
        sqitch add first -n first
        sqitch deploy
    ) >/dev/null 2>&1
    export BENCH_SQITCH=sqitch
}

# Servers of our own, and what is measured beside them. data-diff wants older
# versions of two packages than there are by now.
prepare_servers() {
    # It also keeps newly installed servers from starting as services.
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null && [ -x /usr/sbin/mariadbd ] || scripts/setup-test-tools.sh
    need pt-table-checksum percona-toolkit
    need sqitch sqitch
    perl -MDBD::Pg -e 1 2>/dev/null || need DBD::Pg libdbd-pg-perl
    [ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
    if [ ! -x "$work/venv/bin/data-diff" ] || ! "$work/venv/bin/python" -c 'import alembic, psycopg2' 2>/dev/null; then
        say "Installing data-diff and alembic into $work/venv"
        "$work/venv/bin/pip" install --quiet --disable-pip-version-check data-diff 'dbt-core<1.9' 'pydantic<2' \
            mysql-connector-python psycopg2-binary alembic
    fi
}

if [ ! -x "$bin/phasegate" ]; then
    say "there is no release binary in $bin: run 'make release' first" >&2
    exit 69
fi
mkdir -p "$work"
need sqlite3 sqlite3
if [ $# = 0 ] || [[ " $* " == *" status "* ]]; then
    need python3 python3 python3-venv
    need sqitch sqitch libdbd-sqlite3-perl
    prepare_alembic
    prepare_sqitch
fi

say "Building the benchmarks"
swift build "${bench[@]}"
BENCH_WORK=$work BENCH_PHASEGATE=$(realpath "$bin/phasegate") BENCH_THRESHOLDS=$PWD/Benchmarks/thresholds.json
export BENCH_WORK BENCH_PHASEGATE BENCH_THRESHOLDS BENCH_SCRIPTS=$PWD/Benchmarks

say "$(date -u +%F), $(nproc) cores, load $(cut -d ' ' -f 1-3 /proc/loadavg), $(sqlite3 --version | cut -d ' ' -f 1-2)"
if awk -v cores="$(nproc)" '{ exit !($1 > cores / 2) }' /proc/loadavg; then
    say "warning: the machine is busy; a bound that is missed now says little" >&2
fi
built=$(swift build "${bench[@]}" --show-bin-path)
status=0
wants() { [ -z "$named" ] || [[ " $named " == *" $1 "* ]]; }
named="$*"
others=$(for name in $named; do [[ $name =~ ^(junit|losses|ramp|kills|ofrep|servers)$ ]] || printf '%s ' "$name"; done)
if [ -z "$named" ] || [ -n "$others" ]; then
    # shellcheck disable=SC2086
    "$built/PhasegateBenchmarks" $others || status=1
fi
if wants page && [ -x .build/tools/venv/bin/python ]; then
    .build/tools/venv/bin/python Benchmarks/first_paint.py "$work/page/1000.html" || status=1
fi
if wants junit; then
    say ""
    say "== junit"
    need python3 python3 python3-venv
    [ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check junit-xml
    "$work/venv/bin/python" Benchmarks/junit.py "$built/junitbench" "$work" || status=1
fi
if wants losses; then
    say ""
    say "== losses"
    need python3 python3 python3-venv
    # On its own: it wants other versions of the packages that the rest of the tools share.
    [ -x "$work/fair/bin/python" ] || python3 -m venv "$work/fair"
    "$work/fair/bin/pip" install --quiet --disable-pip-version-check pyfair
    "$work/fair/bin/python" Benchmarks/losses.py "$built/lossbench" "$work" || status=1
fi
if wants ramp; then
    say ""
    say "== ramp"
    "$built/rampbench" "$work/ramp.json" || status=1
fi
if wants kills; then
    say ""
    say "== kills"
    # A bound that is missed fails the test; its figures are shown all the same.
    BENCH_KILLS=1000 BENCH_ROLLBACKS=1000 swift test --filter 'KillLatencyTests|RollbackLatencyTests' >"$work/kills.txt" 2>&1 || status=1
    grep '^kill ' "$work/kills.txt" || status=1
fi
if wants ofrep; then
    say ""
    say "== ofrep"
    need wrk wrk
    swift build "${release[@]}" --product bare-route
    Benchmarks/ofrep.sh "$BENCH_PHASEGATE" "$(swift build "${release[@]}" --show-bin-path)/bare-route" "$work" || status=1
fi
if wants servers; then
    say ""
    say "== servers"
    prepare_servers
    python3 Benchmarks/servers.py "$BENCH_PHASEGATE" "$work" || status=1
fi
exit "$status"
