#!/usr/bin/env bash
# Asks for one flag with 64 connections, and for the same bytes of a bare route, in turn: ofrep.sh PHASEGATE BARE-ROUTE WORK
# Exits 1 when the median of the ratios is below 0.7, or p99 above 20 ms.
set -euo pipefail
phasegate=$1 bare=$2 home=$3/ofrep
seconds=${BENCH_SECONDS:-5}
rm -rf "$home"
mkdir -p "$home"
cat >"$home/rollout.yaml" <<'YAML'
phasegate: 1
rollout: bench
title: A flag that is asked for
targets: {main: {engine: sqlite, path: shop.db}}
flags: {orders: {store: flags.db}}
phases:
  - name: one
    reversibility: reversible
    clock: {interval: 1 min, steady: 2 min, timeout: 1 h}
    ramp: {flag: orders, steps: [5, 25, 100], soak: 10 min}
    preconditions: [{name: there, source: B-1, probe: {kind: sql, target: main, query: SELECT 1}, must: "= 1"}]
    guards: [{name: still-there, source: B-2, probe: {kind: sql, target: main, query: SELECT 1}, must: "= 1"}]
    success: [{name: everybody, source: B-3, probe: {kind: flag, flag: orders}, must: "= 100 %"}]
YAML
cat >"$home/ask.lua" <<'LUA'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"context":{"targetingKey":"user-1","tenant":"acme"}}'
LUA
"$phasegate" flags serve "$home/rollout.yaml" --listen 127.0.0.1:18516 >"$home/serve.txt" &
ours=$!
trap 'kill $ours ${theirs:-} 2>/dev/null || true' EXIT
url=http://127.0.0.1:18516/ofrep/v1/evaluate/flags/orders
question='{"context":{"targetingKey":"user-1","tenant":"acme"}}'
answer=
for _ in $(seq 100); do
    answer=$(curl -sf -H 'content-type: application/json' -d "$question" "$url") && break
    sleep 0.1
done
[ -n "$answer" ] || { echo "the server of flags did not answer" >&2; exit 1; }
"$bare" 18517 "$answer" &
theirs=$!
other=http://127.0.0.1:18517/ofrep/v1/evaluate/flags/orders
for _ in $(seq 100); do
    [ "$(curl -sf -d "$question" "$other")" = "$answer" ] && break
    sleep 0.1
done
ask() { wrk -t1 -c64 "-d${seconds}s" --latency -s "$home/ask.lua" "$1"; }
for round in 1 2 3; do
    ask "$url" >"$home/ours-$round.txt"
    ask "$other" >"$home/theirs-$round.txt"
    if grep -q 'Non-2xx\|Socket errors' "$home/ours-$round.txt" "$home/theirs-$round.txt"; then
        echo "not every question was answered" >&2
        exit 1
    fi
done
python3 - "$home" <<'PYTHON'
import re, statistics, sys

home = sys.argv[1]
units = {"us": 0.001, "ms": 1, "s": 1000}


def figures(name):
    text = open("%s/%s.txt" % (home, name)).read()
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), float(number) * units[unit]


rounds = [(figures("ours-%d" % n), figures("theirs-%d" % n)) for n in (1, 2, 3)]
for (ours, late), (theirs, theirs_late) in rounds:
    print("%.0f/s, p99 %.1f ms; bare %.0f/s, p99 %.1f ms; %.2f" % (ours, late, theirs, theirs_late, ours / theirs))
ratio = statistics.median(ours / theirs for (ours, _), (theirs, _) in rounds)
p99 = statistics.median(late for (_, late), _ in rounds)
print("ratio %.2f, p99 %.1f ms" % (ratio, p99))
sys.exit(ratio < 0.7 or p99 > 20)
PYTHON
