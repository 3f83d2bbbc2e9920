#!/usr/bin/env bash
# Drills of the four ways back that the design names, each on copies, with the
# time that the way back itself took and what was lost by it:
#
#   recovery.sh transaction   level 1: a transaction is rolled back (S2-41)
#   recovery.sh migration     level 2: a migration is rolled back (S2-42)
#   recovery.sh restore       level 3: the newest backup is restored (S2-43)
#   recovery.sh promotion     level 4: a standby takes over (S2-44)
#   recovery.sh moment        back to a point in time, from the archived log (S2-35)
#
# Prints "OK - … | seconds=… lost=0", or no time where something was lost by it;
# ends with 3 when the drill itself could not be carried out. Runs in the
# workspace and never writes to production.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
. "$here/servers.sh"

unknown() {
    echo "UNKNOWN - $*"
    exit 3
}
trap 'unknown "line $LINENO: $BASH_COMMAND"' ERR
set -E

export PGPASSWORD=$REPLYX_PASSWORD
scratch=phasegate_drill_$$
connection=(-h "$REPLYX_SERVERS" -p "$(server_port main)" -U replyx)
query() { # database psql-arguments…
    local database=$1
    shift
    psql -X -q -A -t -v ON_ERROR_STOP=1 "${connection[@]}" -d "$database" "$@"
}
# A copy of production beside it, dropped at the end whatever happens.
copy_production() {
    query postgres -c "CREATE DATABASE $scratch TEMPLATE template0"
    trap 'query postgres -c "DROP DATABASE IF EXISTS $scratch WITH (FORCE)" || true' EXIT
    pg_dump "${connection[@]}" -Fc -Z 0 replyx | pg_restore "${connection[@]}" --no-owner --exit-on-error -d "$scratch"
}
# A copy of the whole server, gone at the end whatever happens: make_drill pg_basebackup-arguments…
make_drill() {
    drill=drill-$$
    trap 'server_stop "$drill"; rm -rf "${REPLYX_SERVERS:?}/$drill" "${REPLYX_SERVERS:?}/archive-$drill" "${REPLYX_SERVERS:?}/$drill.log"' EXIT
    as_server "$REPLYX_PROGRAMS/pg_basebackup" -h "$REPLYX_SERVERS" -p "$(server_port main)" -U "$(server_user)" \
        -D "$drill" -c fast "$@"
    server_configure "$drill" replyx-drill
}
elapsed() { awk -v from="$1" -v to="$(now_ms)" 'BEGIN {printf "%.3f", (to - from) / 1000}'; }
# Says how it went: done_with LOST SECONDS SENTENCE
done_with() {
    [ "$1" = 0 ] || {
        echo "CRITICAL - something is lost: $3 | lost=$1"
        exit 2
    }
    echo "OK - $3 | seconds=$2 lost=0"
}
# All that a copy holds, as one line to compare.
everything() {
    query "$1" -c "SELECT (SELECT count(*) || ' ' || sum(hashtextextended(m::text, 0)) FROM dialog_messages m) || ' ' ||
        (SELECT count(*) || ' ' || sum(hashtextextended(u::text, 0)) FROM users u) || ' ' ||
        (SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY indexrelid::regclass::text) FROM pg_index
            WHERE indrelid::regclass::text NOT LIKE 'pg\_%')"
}

case ${1:-} in
transaction)
    copy_production
    before=$(everything "$scratch")
    # The harm is done and seen inside the transaction; the last line is the time that taking it back took.
    took=$(query "$scratch" <<'SQL' | tail -n 1
BEGIN;
UPDATE users SET email = 'lost ' || id;
DELETE FROM dialog_messages WHERE id % 2 = 0;
\timing on
ROLLBACK;
SQL
    )
    seconds=$(sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' <<<"$took" | awk '{printf "%.4f", $1 / 1000}')
    [ -n "$seconds" ] || unknown "no time in '$took'"
    lost=$([ "$(everything "$scratch")" = "$before" ] && echo 0 || echo 1)
    done_with "$lost" "$seconds" "the transaction was rolled back"
    ;;
migration)
    copy_production
    # The newest of the plan that production does not have: it goes there and back.
    has=$(query replyx -c "SELECT coalesce(max(version), 0) FROM phasegate_migrations" 2>/dev/null || echo 0)
    number=$(printf %03d $((has + 1)))
    there=$(find "${REPLYX_ROLLOUT%/*}/migrations" -maxdepth 1 -name "${number}_*.sql")
    back=$(find "${REPLYX_ROLLOUT%/*}/migrations/rollback" -name "${number}_*.sql")
    [ -n "$there" ] && [ -n "$back" ] || unknown "there is no migration $number with a rollback"
    before=$(everything "$scratch")
    query "$scratch" -f "$there"
    begin=$(now_ms)
    query "$scratch" -f "$back"
    seconds=$(elapsed "$begin")
    lost=$([ "$(everything "$scratch")" = "$before" ] && echo 0 || echo 1)
    done_with "$lost" "$seconds" "migration $number was rolled back"
    ;;
restore)
    newest=$(find backups -maxdepth 1 -name 'main-*.dump' -printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1 | cut -d ' ' -f 2-)
    [ -n "$newest" ] || unknown "there is no backup of 'main' in backups/"
    query postgres -c "CREATE DATABASE $scratch TEMPLATE template0"
    trap 'query postgres -c "DROP DATABASE IF EXISTS $scratch WITH (FORCE)" || true' EXIT
    begin=$(now_ms)
    # The format decides on the tool: pg_restore takes no plain dump (X2-9).
    pg_restore "${connection[@]}" --no-owner --exit-on-error -j 2 -d "$scratch" "$newest"
    seconds=$(elapsed "$begin")
    # What had been written long before the backup has to be in it.
    old="SELECT count(*) || ' ' || sum(hashtextextended(m::text, 0)) FROM dialog_messages m WHERE created_at < '2025-08-25'"
    lost=$([ "$(query "$scratch" -c "$old")" = "$(query replyx -c "$old")" ] && echo 0 || echo 1)
    done_with "$lost" "$seconds" "${newest##*/} was restored"
    ;;
promotion)
    make_drill -R
    server_start "$drill"
    newest="SELECT coalesce(max(id), 0) FROM dialog_messages"
    there() { server_sql "$drill" replyx -c "$newest"; }
    written=$(query replyx -c "$newest")
    for try in $(seq 100); do
        [ "$(there)" -ge "$written" ] && break
        [ "$try" != 100 ] || unknown "the standby did not catch up"
        sleep 0.1
    done
    begin=$(now_ms)
    as_server "$REPLYX_PROGRAMS/pg_ctl" -D "$drill" -w -t 60 promote >/dev/null
    # It has taken over when it takes a write.
    server_sql "$drill" replyx -c "CREATE TABLE taken_over (at timestamptz); INSERT INTO taken_over VALUES (now())"
    seconds=$(elapsed "$begin")
    lost=$([ "$(there)" -ge "$written" ] && echo 0 || echo 1)
    done_with "$lost" "$seconds" "the standby has taken over"
    ;;
moment)
    # The base comes first; what is written afterwards is in the log only.
    make_drill -X none
    newest="SELECT coalesce(max(id), 0) FROM dialog_messages"
    base=$(query replyx -c "$newest")
    later() { # more than so many
        local try
        for try in $(seq 100); do
            [ "$(query replyx -c "$newest")" -le "$1" ] || return 0
            sleep 0.1
        done
        unknown "nobody writes to production"
    }
    later "$base"
    sleep 0.5
    # The moment lies between what is to come back and what is not: the users go on writing.
    moment=$(query replyx -c "SELECT to_char(clock_timestamp(), 'YYYY-MM-DD HH24:MI:SS.USOF')")
    sleep 0.5
    later "$(query replyx -c "$newest")"
    segment=$(server_sql main postgres -c "SELECT pg_walfile_name(pg_switch_wal())")
    for try in $(seq 100); do
        [ -e "$REPLYX_SERVERS/archive-main/$segment" ] && break
        [ "$try" != 100 ] || unknown "$segment was not archived"
        sleep 0.1
    done
    as_server tee -a "$drill/postgresql.conf" >/dev/null <<SETTINGS
restore_command = 'cp "$REPLYX_SERVERS/archive-main/%f" "%p"'
recovery_target_time = '$moment'
recovery_target_action = 'promote'
SETTINGS
    as_server touch "$drill/recovery.signal"
    begin=$(now_ms)
    server_start "$drill"
    for try in $(seq 300); do
        [ "$(server_sql "$drill" replyx -c "SELECT pg_is_in_recovery()")" = f ] && break
        [ "$try" != 300 ] || unknown "it did not come to the moment"
        sleep 0.1
    done
    seconds=$(elapsed "$begin")
    # A little before and after, because a message has the time at which its transaction began.
    at=$(server_sql "$drill" replyx -c "SELECT (SELECT count(*) FROM dialog_messages
        WHERE created_at <= timestamptz '$moment' - interval '0.3 s') || ' ' ||
        (SELECT count(*) FROM dialog_messages WHERE created_at > timestamptz '$moment' + interval '0.3 s')")
    wanted=$(query replyx -c "SELECT count(*) || ' 0' FROM dialog_messages
        WHERE created_at <= timestamptz '$moment' - interval '0.3 s'")
    lost=$([ "$at" = "$wanted" ] && echo 0 || echo 1)
    done_with "$lost" "$seconds" "back at $moment, messages by then and later: $at"
    ;;
*)
    echo "usage: recovery.sh transaction|migration|restore|promotion|moment" >&2
    exit 64
    ;;
esac
