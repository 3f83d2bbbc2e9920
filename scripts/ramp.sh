#!/usr/bin/env bash
# Runs the ramp of a programme by itself, decided by evidence against a control.
#
#   scripts/ramp.sh quantumleap|replyx VARIANT
#
#   good     a change that does no harm: 5, 25, 100 %
#   slow     the new way takes half as long again as the old one, or more: rolled back at 5 %
#   missed   replyx: it is quick and misses most of the right answers: rolled back at 5 %
#   thin     hardly any traffic: held, with what is missing
#   leak     users see the change whom the flag does not show it to: held as invalid
#
# Exit status: that of the rollout (0 finished, 1 rolled back, 3 held). PHASEGATE_BIN names the directory of the binaries.
#
# What differs between programmes is in their directory: ramp.yaml, and ramp-stage.sh beside it. That one sets VARIANTS and
# defines what is said of stage.sh in scripts/programme.sh; a stage that starts no server defines stage_generate and
# stage_traffic alone.
set -euo pipefail
cd "$(dirname "$0")/.."

NAME=${1:-}
VARIANT=${2:-good}
usage() {
    echo "usage: scripts/ramp.sh quantumleap|replyx good|slow|missed|thin|leak${1:+; $1}" >&2
    exit 64
}
[[ $NAME =~ ^[a-z0-9][a-z0-9-]*$ && $# -le 2 ]] || usage
for PROGRAMME in phases/programmes/$NAME phases/$NAME; do
    [ ! -f "$PROGRAMME/ramp-stage.sh" ] || break
done
[ -f "$PROGRAMME/ramp-stage.sh" ] || usage "'$NAME' has no ramp of its own"

WORK=.demo/$NAME-ramp-$VARIANT
REPORTS=reports/$NAME-ramp-$VARIANT
ROLLOUT=$PROGRAMME/ramp.yaml
. scripts/staged.sh
# shellcheck source=/dev/null
. "$PROGRAMME/ramp-stage.sh"
[[ " ${VARIANTS[*]} " == *" $VARIANT "* ]] || usage "'$NAME' knows ${VARIANTS[*]}"

begin_stage
stage_start
stage_generate 1
stage_fault
stage_traffic
run_rollout
