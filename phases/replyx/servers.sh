# Starts and stops the PostgreSQL servers of the ReplyX programme; sourced by
# stage.sh and by the drills, which find the servers through the environment
# that stage.sh exports.
#
#   REPLYX_SERVERS    directory of data, sockets, archive and logs
#   REPLYX_PROGRAMS   directory of PostgreSQL's programs
#   REPLYX_PORT       port of production; the others have the next ones
#   REPLYX_PASSWORD   password of the role replyx, drawn anew for every run
#
# PostgreSQL refuses to run as root. Started by root the servers run as the user
# postgres, otherwise as whoever starts them; this user is the superuser of the
# databases, reached over the socket as itself (peer).
# shellcheck shell=bash

# Runs a program as the user of the servers, in their directory.
as_server() {
    (
        cd "$REPLYX_SERVERS"
        if [ "$(id -u)" = 0 ]; then
            exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"
        else
            exec "$@"
        fi
    )
}

# Name of that user.
server_user() { if [ "$(id -u)" = 0 ]; then echo postgres; else id -un; fi; }

# Production and staging listen on loopback, the others on their sockets only.
server_port() {
    case $1 in
    main) echo "$REPLYX_PORT" ;;
    staging) echo $((REPLYX_PORT + 1)) ;;
    standby) echo $((REPLYX_PORT + 2)) ;;
    *) echo $((REPLYX_PORT + 3)) ;; # what a drill starts
    esac
}
server_addresses() { case $1 in main | staging) echo 127.0.0.1 ;; esac; }

# A statement or a file as superuser: server_sql SERVER DATABASE psql-arguments…
server_sql() {
    local server=$1 database=$2
    shift 2
    as_server "$REPLYX_PROGRAMS/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$REPLYX_SERVERS" \
        -p "$(server_port "$server")" -U "$(server_user)" -d "$database" "$@"
}

# Makes the data directory of a new server: server_make NAME
server_make() {
    local name=$1
    as_server "$REPLYX_PROGRAMS/initdb" -D "$name" -U "$(server_user)" --auth-local=peer --auth-host=reject \
        -E UTF8 --locale=C.UTF-8 --data-checksums -N >"$REPLYX_SERVERS/$name.initdb.log" 2>&1
    # The application and phasegate are the role replyx, with a password.
    as_server sed -i '1i local all replyx scram-sha-256\nhost all replyx 127.0.0.1/32 scram-sha-256' "$name/pg_hba.conf"
}

# The settings that are ours; later ones beat earlier ones: server_configure NAME CLUSTER
server_configure() {
    local name=$1 cluster=$2
    as_server tee -a "$name/postgresql.conf" >/dev/null <<SETTINGS
cluster_name = '$cluster'
listen_addresses = '$(server_addresses "$name")'
unix_socket_directories = '$REPLYX_SERVERS'
port = $(server_port "$name")
max_connections = 120
shared_buffers = 64MB
# Generated data on a machine for trying things out: nothing here has to survive a power cut.
fsync = off
wal_level = replica
max_wal_size = 1GB
# For recovery to a point in time: every finished piece of the log is kept (S2-35).
archive_mode = on
archive_command = 'test ! -f "$REPLYX_SERVERS/archive-$name/%f" && cp "%p" "$REPLYX_SERVERS/archive-$name/%f"'
SETTINGS
    as_server mkdir -p "archive-$name"
}

# Starts a server and returns when it takes connections.
server_start() {
    as_server "$REPLYX_PROGRAMS/pg_ctl" -D "$1" -l "$1.log" -w -t 60 start >/dev/null || {
        tail -n 20 "$REPLYX_SERVERS/$1.log" >&2
        return 69
    }
}

# Stops it; nothing to do where it does not run.
server_stop() {
    [ -d "$REPLYX_SERVERS/$1" ] || return 0
    as_server "$REPLYX_PROGRAMS/pg_ctl" -D "$1" -m immediate -w -t 60 stop >/dev/null 2>&1 || true
}

# Milliseconds since 1970.
now_ms() { date +%s%3N; }
