#!/usr/bin/env bash
# Memory that is left on the machine, in percent (S2-30, S2-86).
set -euo pipefail
awk '/^MemTotal:/ {all = $2} /^MemAvailable:/ {left = $2}
    END {if (!all || left == "") {print "UNKNOWN - /proc/meminfo does not tell"; exit 3}
         printf "OK - %d of %d MiB are left | memory=%.1f\n", left / 1024, all / 1024, 100 * left / all}' /proc/meminfo
