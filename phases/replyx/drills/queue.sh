#!/usr/bin/env bash
# Migrations in the queue and in what was made of them (S2-63, S2-100).
set -euo pipefail
here=$(dirname "$REPLYX_ROLLOUT")
queued=$(find "$here/queue" -name '[0-9]*.sql' | wc -l)
# The first two belong to the phases before.
consolidated=$(find "$here/migrations" -maxdepth 1 -name '[0-9]*.sql' ! -name '00[12]_*' | wc -l)
echo "OK - $queued migrations became $consolidated | queued=$queued consolidated=$consolidated"
