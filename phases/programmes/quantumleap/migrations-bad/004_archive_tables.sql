-- description: move the oldest hundredth of the trades into an archive
--
-- Every row that leaves trades is in trades_archive, in one transaction. The
-- check on archive_runs stops the migration if the counts do not add up.

CREATE TABLE trades_archive (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    quantity REAL NOT NULL,
    price REAL NOT NULL,
    side TEXT NOT NULL,
    timestamp DATETIME,
    strategy_id TEXT,
    execution_time_ms INTEGER,
    FOREIGN KEY (user_id) REFERENCES users(id)
);

CREATE TABLE archive_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    table_name TEXT NOT NULL,
    archived_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    rows_before INTEGER NOT NULL,
    rows_archived INTEGER NOT NULL,
    rows_kept INTEGER,
    CHECK (rows_kept IS NULL OR rows_before = rows_archived + rows_kept)
);

INSERT INTO archive_runs (table_name, rows_before, rows_archived)
SELECT 'trades', count(*), count(*) / 100 FROM trades;

INSERT INTO trades_archive
    (id, user_id, symbol, quantity, price, side, timestamp, strategy_id, execution_time_ms)
SELECT id, user_id, symbol, quantity, price, side, timestamp, strategy_id, execution_time_ms
FROM trades
ORDER BY id
LIMIT (SELECT rows_archived FROM archive_runs WHERE table_name = 'trades');

DELETE FROM trades WHERE id IN (SELECT id FROM trades_archive);

UPDATE archive_runs
SET rows_archived = (SELECT count(*) FROM trades_archive), rows_kept = (SELECT count(*) FROM trades)
WHERE table_name = 'trades';

INSERT INTO schema_versions (version, description, rollback_script)
VALUES (4, 'move the oldest hundredth of the trades into an archive', 'rollback/004_rollback.sql');
