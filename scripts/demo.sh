#!/usr/bin/env bash
# Runs the QuantumLeap programme end to end on a generated trading database.
#
#   scripts/demo.sh good   all four phases, up to 100 % of the users
#   scripts/demo.sh bad    the same with an index dropped by mistake in phase 2
#
# Exit status: that of the rollout (0 finished, 1 rolled back). PHASEGATE_BIN
# names the directory of the binaries, TIME_SCALE how much faster than planned
# the clocks run; no check is skipped by it.
set -euo pipefail
cd "$(dirname "$0")/.."

variant=${1:-good}
bin=${PHASEGATE_BIN:-$(swift build -c release --show-bin-path)}
# The plan's drills are commands of the application.
export PATH="$(cd "$bin" && pwd):$PATH"
scale=${TIME_SCALE:-60}
users=${DEMO_USERS:-1000}
trades=${DEMO_TRADES:-200000}
work=.demo/$variant
programme=phases/programmes/quantumleap

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] || say() { printf '\n%s\n' "$*"; }

rm -rf "$work"
mkdir -p "$work"
case $variant in
good) rollout=$programme/rollout.yaml name=quantumleap ;;
bad)
    # The same plan and the same migrations, but for the one whose author made a mistake.
    rollout=$work/rollout.yaml name=quantumleap-bad
    cp -r "$programme/migrations" "$work/migrations"
    cp "$programme/migrations-bad/"*.sql "$work/migrations/"
    sed -e "s|^rollout: quantumleap|rollout: quantumleap-bad|" \
        -e "s|^risks: risks.yaml|risks: ../../$programme/risks.yaml|" "$programme/rollout.yaml" >"$rollout"
    ;;
*)
    echo "usage: scripts/demo.sh good|bad" >&2
    exit 64
    ;;
esac
reports=reports/$name
rm -rf "$reports"

say "1. A trading database is generated (seeded, not real data)"
"$bin/quantumleap" generate "$work/production_trading.db" --users "$users" --trades "$trades" --seed 42

say "2. The plan is checked, and every gate is proven able to close"
"$bin/phasegate" validate "$rollout"
"$bin/phasegate" selftest "$rollout" | tail -n 1

say "3. The application starts: users read and trade while the database is changed"
"$bin/quantumleap" traffic "$work/production_trading.db" --flags "$work/flags.sqlite" \
    --telemetry "$work/telemetry.sqlite" --rate "${DEMO_RATE:-150}" --slow 1ms --duration 1800s >"$work/traffic.log" 2>&1 &
traffic=$!
trap 'kill "$traffic" 2>/dev/null || true; wait "$traffic" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    [ -s "$work/telemetry.sqlite" ] && break
    sleep 0.1
done

drive=("$rollout" --workspace "$work" --reports "$reports")
people=("$rollout" --workspace "$work")

say "4. The rollout, clocks running $scale times faster than planned"
status=0
"$bin/phasegate" run "${drive[@]}" --time-scale "$scale" || status=$?

if [ "$status" = 3 ]; then
    say "5. The last phase waits for people: documentation is attested, the phase approved"
    "$bin/phasegate" attest "${people[@]}" training-and-documentation --by "Ada, project lead" \
        --because "the team was trained on the demo" --evidence README.md
    status=0
    "$bin/phasegate" run "${drive[@]}" --time-scale "$scale" >"$work/hold.log" || status=$?
    [ "$status" = 3 ] || { cat "$work/hold.log"; exit "$status"; }
    "$bin/phasegate" approve "${people[@]}" --by "Grace, database lead" --because "everything up to here is green"
    status=0
    "$bin/phasegate" run "${drive[@]}" --time-scale "$scale" || status=$?
fi

say "6. Where it stands, and the proof"
"$bin/phasegate" ledger verify "${people[@]}"
"$bin/phasegate" flags "${people[@]}"
"$bin/phasegate" migrations "${people[@]}"

say "The reports"
echo "  $PWD/$reports/report.html"
echo "  $PWD/$reports/junit.xml"
exit "$status"
