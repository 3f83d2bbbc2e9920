#!/usr/bin/env bash
# Runs the ramp of the QuantumLeap programme by itself, decided by evidence against a control.
#
#   scripts/ramp.sh good   a change that does no harm: 5, 25, 100 %
#   scripts/ramp.sh slow   the new reads take half as long again as the old ones: rolled back at 5 %
#   scripts/ramp.sh thin   hardly any traffic: held, with what is missing
#   scripts/ramp.sh leak   users see the change whom the flag does not show it to: held as invalid
#
# Exit status: that of the rollout (0 finished, 1 rolled back, 3 held). PHASEGATE_BIN names the directory of the binaries.
set -euo pipefail
cd "$(dirname "$0")/.."

variant=${1:-good}
bin=${PHASEGATE_BIN:-$(swift build -c release --show-bin-path)}
work=.demo/ramp-$variant
reports=reports/quantumleap-ramp-$variant
rollout=phases/programmes/quantumleap/ramp.yaml
rate=400
faults=()
case $variant in
good) ;;
slow) faults=(--slow-down 1.5) ;;
thin) rate=4 ;;
leak) faults=(--leak 10) ;;
*)
    echo "usage: scripts/ramp.sh good|slow|thin|leak" >&2
    exit 64
    ;;
esac

rm -rf "$work" "$reports"
mkdir -p "$work"
"$bin/quantumleap" generate "$work/production_trading.db" --users 500 --trades 20000 --seed 42
"$bin/quantumleap" traffic "$work/production_trading.db" --flags "$work/flags.sqlite" \
    --telemetry "$work/telemetry.sqlite" --rate "$rate" --writes 0 --duration 600s "${faults[@]}" >"$work/traffic.log" 2>&1 &
traffic=$!
trap 'kill "$traffic" 2>/dev/null || true; wait "$traffic" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    [ -s "$work/telemetry.sqlite" ] && break
    sleep 0.1
done
"$bin/phasegate" run "$rollout" --workspace "$work" --reports "$reports"
