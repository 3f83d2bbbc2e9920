#!/usr/bin/env bash
# Sends a synthetic alert through every channel of the plan and looks whether the
# monitor, which is another process, has got it with the right signature
# (S2-77, S2-106). Runs in the workspace.
set -euo pipefail
reports=$(mktemp -d "${TMPDIR:-/tmp}/replyx-alert-XXXXXX")
trap 'rm -rf "$reports"' EXIT
received() {
    "$REPLYX_PYTHON" -c 'import sqlite3
print(sqlite3.connect("file:telemetry.sqlite?mode=ro", uri=True, timeout=5).execute("SELECT count(*) FROM alerts WHERE type LIKE ?", ("%.test",)).fetchone()[0])'
}
before=$(received)
begin=$(date +%s%3N)
"$REPLYX_PHASEGATE" notices test "$REPLYX_ROLLOUT" --workspace . --reports "$reports" >"$reports/said" 2>&1 ||
    { echo "CRITICAL - $(tail -n 1 "$reports/said") | arrived=0"; exit 2; }
for _ in $(seq 50); do
    arrived=$(($(received) - before))
    [ "$arrived" -gt 0 ] && break
    sleep 0.1
done
[ "$arrived" -gt 0 ] || { echo "CRITICAL - sent, and not arrived at the monitor | arrived=0"; exit 2; }
seconds=$(awk -v from="$begin" -v to="$(date +%s%3N)" 'BEGIN {printf "%.3f", (to - from) / 1000}')
echo "OK - $arrived synthetic alert arrived at the monitor | arrived=$arrived seconds=$seconds"
