-- description: put the archived trades back and drop the archive
--
-- An identifier that is in both tables would mean that one of the rows is
-- wrong; the insert then fails and nothing is dropped.

INSERT INTO trades
    (id, user_id, symbol, quantity, price, side, timestamp, strategy_id, execution_time_ms)
SELECT id, user_id, symbol, quantity, price, side, timestamp, strategy_id, execution_time_ms
FROM trades_archive
ORDER BY id;

DROP TABLE trades_archive;
DROP TABLE archive_runs;

DELETE FROM schema_versions WHERE version = 4;
