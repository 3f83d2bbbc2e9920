#!/usr/bin/env bash
# Keeps the staging environment like production (S2-32, S2-85).
#
#   staging.sh load     restores a backup of production into staging and makes
#                       the people in it unknown
#   staging.sh follow   applies to staging what production's journal has got, in
#                       order, and takes back what it has no longer; goes on
#                       until it is stopped, or who started it is gone
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
. "$here/servers.sh"

as_replyx() { # server database psql-arguments…
    local server=$1 database=$2
    shift 2
    PGPASSWORD=$REPLYX_PASSWORD psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$REPLYX_SERVERS" -p "$(server_port "$server")" \
        -U replyx -d "$database" "$@"
}

case ${1:-} in
load)
    # The format decides on the tool: pg_restore takes no plain dump (X2-9).
    dump=$(mktemp "${TMPDIR:-/tmp}/replyx-dump-XXXXXX")
    trap 'rm -f "$dump"' EXIT
    export PGPASSWORD=$REPLYX_PASSWORD
    pg_dump -h "$REPLYX_SERVERS" -p "$(server_port main)" -U replyx -Fc -Z 0 -f "$dump" replyx
    pg_restore --clean --if-exists --no-owner --exit-on-error -h "$REPLYX_SERVERS" -p "$(server_port staging)" -U replyx \
        -d replyx_staging "$dump"
    as_replyx staging replyx_staging \
        -c "UPDATE users SET email = 'person' || id || '@staging.invalid', name = 'Person ' || id" -c "ANALYZE users, dialogs, dialog_messages, knowledge_documents, knowledge_embeddings"
    ;;
follow)
    # What staging has is written down beside its data.
    done=$REPLYX_SERVERS/staging-has
    : >"$done"
    migrations=${REPLYX_ROLLOUT%/*}/migrations
    trap 'exit 0' TERM INT
    while kill -0 "$PPID" 2>/dev/null; do
        sleep 1 &
        wait $!
        wanted=$(as_replyx main replyx -c "SELECT version || ' ' || name FROM phasegate_migrations ORDER BY version" 2>/dev/null) || continue
        while read -r version name; do
            [ -n "$version" ] || continue
            grep -qx "$version" "$done" && continue
            file=$(find "$migrations" -maxdepth 1 -name "$name")
            # Statements by themselves where the file asks for that, else all or nothing.
            single=--single-transaction
            head -n 1 "$file" | grep -q -- '^-- transaction: none' && single=
            as_replyx staging replyx_staging $single -f "$file" && echo "$version" >>"$done" &&
                echo "staging has $name"
        done <<<"$wanted"
        # Latest first, as a rollback goes.
        for version in $(sort -rn "$done"); do
            grep -q "^$version " <<<"$wanted" && continue
            back=$(find "$migrations/rollback" -name "$(printf %03d "$version")_*.sql")
            single=--single-transaction
            head -n 1 "$back" | grep -q -- '^-- transaction: none' && single=
            as_replyx staging replyx_staging $single -f "$back" && sed -i "/^$version\$/d" "$done" &&
                echo "staging no longer has $version"
        done
    done
    ;;
*)
    echo "usage: staging.sh load|follow" >&2
    exit 64
    ;;
esac
