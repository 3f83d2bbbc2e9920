-- description: drop the four trading indexes
--
-- IF EXISTS, because a rollback has to work on a database where somebody has
-- dropped one of them by hand already.

DROP INDEX IF EXISTS idx_signals_confidence_timestamp;
DROP INDEX IF EXISTS idx_orders_status_timestamp;
DROP INDEX IF EXISTS idx_portfolio_user_symbol;
DROP INDEX IF EXISTS idx_trades_symbol_timestamp;

-- The migration was the first to gather statistics.
DROP TABLE IF EXISTS sqlite_stat1;
DROP TABLE IF EXISTS sqlite_stat4;

DELETE FROM schema_versions WHERE version = 2;
