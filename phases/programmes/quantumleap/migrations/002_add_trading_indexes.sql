-- description: add the four trading indexes
--
-- The names and the columns are the design's. Two of them deserve a word:
-- idx_portfolio_user_symbol covers the same columns as the index behind
-- UNIQUE(user_id, symbol), so it costs writes and gains nothing; the design
-- asks for it all the same. idx_orders_status_timestamp says timestamp and
-- means created_at.

CREATE INDEX idx_trades_symbol_timestamp ON trades(symbol, timestamp);
CREATE INDEX idx_portfolio_user_symbol ON portfolio(user_id, symbol);
CREATE INDEX idx_orders_status_timestamp ON orders(status, created_at);
CREATE INDEX idx_signals_confidence_timestamp ON signals(confidence_score, timestamp);

-- Without statistics the planner would not know that few orders are open.
ANALYZE trades;
ANALYZE portfolio;
ANALYZE orders;
ANALYZE signals;

INSERT INTO schema_versions (version, description, rollback_script)
VALUES (2, 'add the four trading indexes', 'rollback/002_rollback.sql');
