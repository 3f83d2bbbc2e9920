# What scripts/programme.sh needs for this programme: a MariaDB server of its
# own, reached by a socket only, and an application with users.
#
# The rollout names neither socket nor port. MYSQL_UNIX_PORT tells every client
# of MariaDB where the local server is, phasegate's included, so that the same
# file is run here and in earnest.
# shellcheck shell=bash

TIME_SCALE_DEFAULT=240
root=$PWD
python=$root/.build/tools/venv/bin/python

stage_start() {
    local name
    for name in mariadbd mariadb-install-db mariadb mariadb-dump; do
        PATH=$PATH:/usr/sbin command -v "$name" >/dev/null || {
            echo "$name is missing (Debian: apt-get install mariadb-server)" >&2
            exit 69
        }
    done
    "$python" -c 'import pymysql' 2>/dev/null || {
        echo "PyMySQL is missing: scripts/setup-test-tools.sh installs it into .build/tools/venv" >&2
        exit 69
    }

    # MariaDB refuses to run as root, and a socket's path has at most 107 bytes.
    as_server=()
    [ "$(id -u)" = 0 ] && as_server=(setpriv --reuid=mysql --regid=mysql --init-groups)
    server=$root/$WORK/server
    mkdir -p "$server"
    chmod 755 "$server"
    if [ ${#server} -gt 90 ] || ! "${as_server[@]}" test -x "$server"; then
        server=$(mktemp -d /tmp/trading-XXXXXXXX)
        chmod 755 "$server"
    fi
    echo "$server" >"$WORK/server-directory"
    mkdir "$server/tmp" "$server/binlog"
    [ "$(id -u)" != 0 ] || chown -R mysql: "$server"

    # Who runs this script administers the server; nobody else has a way in without a password.
    "${as_server[@]}" mariadb-install-db --no-defaults --datadir="$server/data" --tmpdir="$server/tmp" --skip-test-db \
        --skip-name-resolve --auth-root-authentication-method=socket --auth-root-socket-user="$(id -un)" \
        >"$WORK/server.log" 2>&1
    # The binary log is on, because the plan demands that one can go back to a
    # point in time. What a power cut would lose is not flushed: it is a rehearsal.
    (
        cd "$server"
        PATH=$PATH:/usr/sbin exec "${as_server[@]}" mariadbd --no-defaults --datadir="$server/data" --socket="$server/s" \
            --pid-file="$server/pid" --tmpdir="$server/tmp" --skip-networking --skip-name-resolve \
            --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci --max-connections=150 \
            --innodb-buffer-pool-size=256M --innodb-flush-log-at-trx-commit=0 --userstat=1 \
            --server-id=1 --log-bin="$server/binlog/log" --binlog-format=ROW --binlog-expire-logs-seconds=1209600
    ) </dev/null >>"$WORK/server.log" 2>&1 &
    local started=$!
    export MYSQL_UNIX_PORT=$server/s
    for _ in $(seq 300); do
        mariadb --no-defaults -e "SELECT 1" >/dev/null 2>&1 && break
        kill -0 "$started" 2>/dev/null || {
            tail -n 20 "$WORK/server.log" >&2
            exit 69
        }
        sleep 0.1
    done

    # Passwords of one run, in the environment only; the rollout says env:TRADING_PASSWORD.
    TRADING_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    TRADING_APP_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    TRADING_DRILL_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    export TRADING_PASSWORD TRADING_APP_PASSWORD TRADING_DRILL_PASSWORD
    # The controller changes the schema, takes backups (RELOAD), restores them into scratch databases and sees who
    # waits for whom (PROCESS). The application reads and writes rows. The drill reads the binary log and applies it to
    # databases of its own.
    admin <<END
CREATE DATABASE trading CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER phasegate@localhost IDENTIFIED BY '$TRADING_PASSWORD';
GRANT ALL ON trading.* TO phasegate@localhost;
GRANT ALL ON \`phasegate\\_scratch\\_%\`.* TO phasegate@localhost;
GRANT RELOAD, PROCESS ON *.* TO phasegate@localhost;
CREATE USER trading_app@localhost IDENTIFIED BY '$TRADING_APP_PASSWORD';
GRANT SELECT, INSERT, UPDATE, DELETE ON trading.* TO trading_app@localhost;
CREATE USER trading_drill@localhost IDENTIFIED BY '$TRADING_DRILL_PASSWORD';
GRANT ALL ON trading_drill.* TO trading_drill@localhost;
GRANT ALL ON trading_drill_restored.* TO trading_drill@localhost;
GRANT RELOAD, BINLOG MONITOR, BINLOG REPLAY, REPLICATION SLAVE ON *.* TO trading_drill@localhost;
END
    # Drills of the plan are commands of the application.
    export PATH="$root/$PROGRAMME:$root/.build/tools/venv/bin:$PATH"
}

# SQL from the standard input, as the server's administrator.
admin() { mariadb --no-defaults --default-character-set=utf8mb4 --batch --skip-column-names "$@"; }

stage_generate() {
    local began=$SECONDS
    { echo "SET @users = $1 * 1000, @trades = $1 * 40000, @seed = 42;" && cat "$PROGRAMME/generate.sql"; } |
        admin trading >/dev/null
    echo "$(admin -e "SELECT count(*) FROM trades" trading) trades of $(admin -e "SELECT count(*) FROM users" trading)" \
        "users on MariaDB $(admin -e "SELECT version()"), generated in $((SECONDS - began)) s"
    history >"$WORK/history"
}

# What nobody may have changed: every old value of the trades that were closed before the rollout.
history() {
    admin -e "SELECT count(*), sum(crc32(concat_ws('|', id, user_id, coalesce(strategy_id, '-'), symbol, side, quantity, entry_price,
        exit_price, outcome, profit, opened_at, closed_at, coalesce(note, '-')))) FROM trades WHERE closed_at < '2026-01-01'" trading
}

stage_fault() {
    # In the code that the flag switches on: a lock that is held while the user thinks.
    fault=(--fault lock-storm)
    echo "The risk check locks the newest open trades of everybody, and keeps them locked for 400 ms."
}

stage_traffic() {
    trading-app.py traffic --flags "$WORK/flags.sqlite" --telemetry "$WORK/telemetry.sqlite" "${fault[@]+"${fault[@]}"}" \
        >"$WORK/traffic.log" 2>&1 &
    TRAFFIC_PIDS+=($!)
    for _ in $(seq 100); do
        grep -q share "$WORK/traffic.log" && return
        sleep 0.1
    done
    cat "$WORK/traffic.log" >&2
    exit 69
}

stage_stop() {
    local directory pid
    directory=$(cat "$WORK/server-directory" 2>/dev/null) || return 0
    pid=$(cat "$directory/pid" 2>/dev/null) || pid=
    # Only a server that runs on our own directory.
    if [ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qx -- "--datadir=$directory/data"; then
        kill "$pid" || true
        for _ in $(seq 100); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
    fi
    # What the rollout left is in the workspace: ledger, backups, telemetry.
    case $directory in "$PWD/$WORK/server" | /tmp/trading-????????) rm -rf "$directory" "$WORK/server-directory" ;; esac
}

stage_people() {
    case $1 in
    1)
        phasegate attest columns-handled-on-staging --by "Ada, database lead" \
            --because "the code ran on staging with and without the new columns" --evidence "$PROGRAMME/trading-app.py"
        ;;
    2)
        phasegate approve --by "Margaret, project lead" --because "phase 1 is through and nobody noticed"
        ;;
    *) return 1 ;;
    esac
}

# Asked of the server itself, not of phasegate.
stage_proof() {
    local columns trades
    columns=$(admin -e "SELECT group_concat(column_name ORDER BY ordinal_position SEPARATOR ', ') FROM information_schema.columns
        WHERE table_schema = 'trading' AND table_name = 'trades' AND ordinal_position > 13" trading)
    trades=$(admin -e "SELECT concat(count(*), ' trades, ', sum(closed_at < '2026-01-01'), ' of them closed before the rollout, ',
        sum(outcome = 'open'), ' open') FROM trades" trading)
    echo "The server itself: $trades; new columns: $columns"
    if [ "$(history)" = "$(cat "$WORK/history")" ]; then
        echo "What was there before is as it was, value by value."
    else
        echo "What was there before is NOT as it was." >&2
        exit 70
    fi
}
