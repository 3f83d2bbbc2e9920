-- description: add the four trading indexes and clean up duplicate ones
--
-- This is the rehearsal's bad migration: it applies cleanly, and its author
-- dropped the wrong index. The gate at 5 % has to find out.

CREATE INDEX idx_trades_symbol_timestamp ON trades(symbol, timestamp);
CREATE INDEX idx_portfolio_user_symbol ON portfolio(user_id, symbol);
CREATE INDEX idx_orders_status_timestamp ON orders(status, created_at);
CREATE INDEX idx_signals_confidence_timestamp ON signals(confidence_score, timestamp);

ANALYZE trades;
ANALYZE portfolio;
ANALYZE orders;
ANALYZE signals;

-- Clean up: one of the indexes above covers the same columns as another.
DROP INDEX idx_trades_symbol_timestamp;

INSERT INTO schema_versions (version, description, rollback_script)
VALUES (2, 'add the four trading indexes and clean up duplicate ones', 'rollback/002_rollback.sql');
