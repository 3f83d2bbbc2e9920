#!/usr/bin/env bash
# Runs a programme that brings its own servers end to end, on generated data
# and with users on it.
#
#   scripts/programme.sh NAME good|bad [--scale N]
#
#   good   all phases, up to 100 % of the users
#   bad    the same with a fault planted in what is rolled out
#
# Exit status: that of the rollout (0 finished, 1 rolled back or stopped).
# PHASEGATE_BIN names the directory of the binary, TIME_SCALE how much faster
# than planned the clocks run; no check is skipped by it.
#
# What differs between programmes is in phases/NAME/stage.sh, which defines
#
#   stage_start            starts servers; exports what the rollout refers to
#   stage_generate SCALE   fills them
#   stage_fault            plants the fault, before there is any traffic
#   stage_traffic          starts users in the background; their processes go into TRAFFIC_PIDS
#   stage_people ROUND     what people do when the rollout holds for the ROUND-th time; fails if there is nothing to do
#   stage_stop             stops what stage_start started; must bear being called when that failed half-way
#   stage_proof            optional: shows without phasegate how the data are afterwards
#
# and may set TIME_SCALE_DEFAULT, SCALE_DEFAULT and ROLLOUT. It finds PROGRAMME
# (its own directory), WORK (the workspace), BIN, VARIANT and the functions say
# and phasegate.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    echo "usage: scripts/programme.sh NAME good|bad [--scale N]" >&2
    exit 64
}
[ $# -ge 1 ] || usage
NAME=$1
VARIANT=${2:-good}
shift $(($# < 2 ? 1 : 2))
SCALE=
while [ $# -gt 0 ]; do
    case $1 in
    --scale)
        [[ ${2:-} =~ ^[0-9]+$ ]] || usage
        SCALE=$2
        shift 2
        ;;
    *) usage ;;
    esac
done
[[ $NAME =~ ^[a-z0-9][a-z0-9-]*$ && $VARIANT =~ ^(good|bad)$ ]] || usage
PROGRAMME=phases/$NAME
[ -f "$PROGRAMME/stage.sh" ] || {
    echo "there is no $PROGRAMME/stage.sh" >&2
    exit 64
}

WORK=.demo/$NAME-$VARIANT
REPORTS=reports/$NAME
[ "$VARIANT" = good ] || REPORTS+=-$VARIANT
ROLLOUT=$PROGRAMME/rollout.yaml
SCALE_DEFAULT=1
TIME_SCALE_DEFAULT=60
. scripts/staged.sh

# phasegate VERB …: on this rollout and its workspace.
phasegate() {
    local verb=$1
    shift
    "$BIN/phasegate" "$verb" "$ROLLOUT" --workspace "$WORK" "$@"
}

# shellcheck source=/dev/null
. "$PROGRAMME/stage.sh"
SCALE=${SCALE:-$SCALE_DEFAULT}
time_scale=${TIME_SCALE:-$TIME_SCALE_DEFAULT}

begin_stage

say "1. Servers of its own are started and filled (seeded data, scale $SCALE)"
stage_start
stage_generate "$SCALE"

say "2. The plan is checked, and every gate is proven able to close"
"$BIN/phasegate" validate "$ROLLOUT"
phasegate selftest | tail -n 1

if [ "$VARIANT" = bad ]; then
    say "3. A fault is planted, and users begin to work"
    stage_fault
else
    say "3. Users begin to work, and go on while the database is changed"
fi
stage_traffic

say "4. The rollout, clocks running $time_scale times faster than planned"
round=0
while :; do
    status=0
    run_rollout --time-scale "$time_scale" || status=$?
    [ "$status" = 3 ] || break
    round=$((round + 1))
    [ "$round" -le 20 ] || break
    say "It holds; what people do about it ($round)"
    stage_people "$round" || break
done

say "5. Where it stands, and the proof"
"$BIN/phasegate" ledger verify "$ROLLOUT" --workspace "$WORK"
phasegate flags
phasegate migrations
if declare -F stage_proof >/dev/null; then stage_proof; fi

say "The reports"
echo "  $PWD/$REPORTS/report.html"
echo "  $PWD/$REPORTS/junit.xml"
exit "$status"
