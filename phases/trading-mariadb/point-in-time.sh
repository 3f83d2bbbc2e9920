#!/usr/bin/env bash
# Drill: a backup and the binary log bring a database back to the moment before
# a mistake. On two small databases of its own, so that nothing else is touched.
#
#   point-in-time.sh       | lost=N rows=N ms=N
#
# Speaks as a monitoring plug-in. Wants MYSQL_UNIX_PORT and the password of the
# user trading_drill in TRADING_DRILL_PASSWORD.
set -euo pipefail

work=$(mktemp -d)
export MYSQL_PWD=${TRADING_DRILL_PASSWORD:-}
maria() { mariadb --no-defaults --user=trading_drill --batch --skip-column-names "$@"; }
finish() {
    local status=$?
    trap - EXIT
    maria -e "DROP DATABASE IF EXISTS trading_drill; DROP DATABASE IF EXISTS trading_drill_restored" 2>/dev/null || true
    # Whatever did not come to its end says nothing about the way back.
    if [ "$status" != 0 ] && [ "$status" != 2 ]; then
        echo "UNKNOWN - $(tail -n 3 "$work/errors" | tr '\n|' '  ')"
        status=3
    fi
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
exec 2>"$work/errors"
began=$(date +%s%N)

# Some trades, a backup, some more trades.
maria <<'SQL'
DROP DATABASE IF EXISTS trading_drill;
DROP DATABASE IF EXISTS trading_drill_restored;
CREATE DATABASE trading_drill CHARACTER SET utf8mb4;
CREATE DATABASE trading_drill_restored CHARACTER SET utf8mb4;
CREATE TABLE trading_drill.trades (id INT PRIMARY KEY, profit DECIMAL(14,2) NOT NULL, note VARCHAR(50));
INSERT INTO trading_drill.trades SELECT seq, seq * 1.01, CONCAT('before the backup – ', seq) FROM trading_drill.seq_1_to_1000;
SQL
mariadb-dump --no-defaults --user=trading_drill --default-character-set=utf8mb4 --single-transaction --master-data=2 \
    trading_drill >"$work/dump.sql"
maria <<'SQL'
INSERT INTO trading_drill.trades SELECT seq, seq * 1.01, CONCAT('after the backup – ', seq) FROM trading_drill.seq_1001_to_1500;
UPDATE trading_drill.trades SET profit = -profit WHERE id % 10 = 0;
SQL
# This is the moment to come back to. Then somebody makes a mistake.
content="SELECT concat(count(*), ':', sum(crc32(concat(id, ':', profit, ':', note)))) FROM"
wanted=$(maria -e "$content trading_drill.trades")
read -r last_log last_position _ <<<"$(maria -e "SHOW MASTER STATUS")"
maria -e "DELETE FROM trading_drill.trades WHERE id > 3; DROP TABLE trading_drill.trades"

# The backup, then what the log has from there to that moment.
position=$(sed -n "s/^-- CHANGE MASTER TO MASTER_LOG_FILE='\([^']*\)', MASTER_LOG_POS=\([0-9]*\);.*/\1 \2/p" "$work/dump.sql")
read -r first_log first_position <<<"$position"
[ -n "$first_position" ] || {
    echo "the dump does not say where in the log it was taken" >&2
    exit 1
}
[ "$first_log" = "$last_log" ] || {
    echo "the log was changed meanwhile, from $first_log to $last_log; try again" >&2
    exit 1
}
maria trading_drill_restored <"$work/dump.sql"
# Filtered by the database that was written to; what it is called from now on comes after that.
mariadb-binlog --no-defaults --user=trading_drill --read-from-remote-server --database=trading_drill \
    --rewrite-db='trading_drill->trading_drill_restored' --start-position="$first_position" \
    --stop-position="$last_position" "$first_log" >"$work/log.sql"
maria <"$work/log.sql"
found=$(maria -e "$content trading_drill_restored.trades")
rows=$(maria -e "SELECT count(*) FROM trading_drill_restored.trades")
took=$((($(date +%s%N) - began) / 1000000))
figures="lost=$((1500 - rows)) rows=$rows ms=$took"
if [ "$found" = "$wanted" ]; then
    echo "OK - as it was before the mistake, read from $first_log up to position $last_position | $figures"
else
    echo "CRITICAL - $found instead of $wanted | $figures"
    exit 2
fi
