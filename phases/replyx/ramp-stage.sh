# What scripts/ramp.sh needs for this programme: the production server alone, and users who search. The faults of the
# database are migrations, those of the application are its own.
# shellcheck shell=bash

. "$PROGRAMME/stage.sh"
VARIANTS=(good slow missed thin leak)
# Ports of its own, so that it can run beside the whole programme, and the variants beside one another; below those that systems
# give to connections.
plan_port=24816
port_offset=0
for variant in "${VARIANTS[@]}"; do
    [ "$variant" != "$VARIANT" ] || break
    port_offset=$((port_offset + 100))
done
stage_servers=(main)
plan_parts=(migrations)

stage_generate() { generate_data "$1"; }

stage_fault() {
    case $VARIANT in
    slow) plant migrations-slow ;;
    missed) plant migrations-bad ;;
    esac
}

stage_traffic() {
    local options=(--rate 250)
    case $VARIANT in
    thin) options=(--rate 4) ;;
    # It takes hundreds of users to see, not thousands of requests.
    leak) options=(--rate 60 --leak 10) ;;
    esac
    start_application --searches-only "${options[@]}"
}
