-- Empties what was filled, and nothing else: both values follow from quantity,
-- price and capital, so nothing is lost that only they knew.
UPDATE filled_trades
JOIN trades ON trades.id = filled_trades.trade_id
SET trades.allocation_amount = NULL, trades.position_percent = NULL;

DROP TABLE filled_trades;
