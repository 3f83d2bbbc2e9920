#!/usr/bin/env bash
# Drills of the four ways back that the design names, each on copies, with the
# time that the way back itself took and what was lost by it:
#
#   recovery.sh transaction   level 1: a transaction is rolled back (S2-41)
#   recovery.sh migration     level 2: a migration is rolled back (S2-42)
#   recovery.sh restore       level 3: the newest backup is restored (S2-43)
#   recovery.sh promotion     level 4: a standby takes over (S2-44)
#
# Prints "OK - … | seconds=… lost=…"; ends with 3 when the drill itself could not
# be carried out. Runs in the workspace and never writes to production.
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
elapsed() { awk -v from="$1" -v to="$(now_ms)" 'BEGIN {printf "%.3f", (to - from) / 1000}'; }
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
    echo "OK - the transaction was rolled back | seconds=$seconds lost=$lost"
    ;;
migration)
    copy_production
    # The newest of the plan that production does not have: it goes there and back.
    has=$(query replyx -c "SELECT coalesce(max(version), 0) FROM phasegate_migrations" 2>/dev/null || echo 0)
    number=$(printf %03d $((has + 1)))
    there=$(find "$here/migrations" -maxdepth 1 -name "${number}_*.sql")
    back=$(find "$here/migrations/rollback" -name "${number}_*.sql")
    [ -n "$there" ] && [ -n "$back" ] || unknown "there is no migration $number with a rollback"
    before=$(everything "$scratch")
    query "$scratch" -f "$there"
    begin=$(now_ms)
    query "$scratch" -f "$back"
    seconds=$(elapsed "$begin")
    lost=$([ "$(everything "$scratch")" = "$before" ] && echo 0 || echo 1)
    echo "OK - migration $number was rolled back | seconds=$seconds lost=$lost"
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
    echo "OK - ${newest##*/} was restored | seconds=$seconds lost=$lost"
    ;;
promotion)
    drill=drill-$$
    finish() {
        server_stop "$drill"
        rm -rf "${REPLYX_SERVERS:?}/$drill" "${REPLYX_SERVERS:?}/archive-$drill" "${REPLYX_SERVERS:?}/$drill.log"
    }
    trap finish EXIT
    as_server "$REPLYX_PROGRAMS/pg_basebackup" -h "$REPLYX_SERVERS" -p "$(server_port main)" -U "$(server_user)" \
        -D "$drill" -R -c fast -X stream
    server_configure "$drill" replyx-drill
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
    echo "OK - the standby has taken over | seconds=$seconds lost=$lost"
    ;;
*)
    echo "usage: recovery.sh transaction|migration|restore|promotion" >&2
    exit 64
    ;;
esac
