-- description: compute allocation and percentage of the open trades that lack them
--
-- Only open trades count for anybody's exposure, so only these are touched, and
-- which they were is written down first: since phase 1 the application fills the
-- columns of new trades itself, and a way back that empties these as well would
-- leave another table than it found. The rehearsal refuses it.
--
-- The percentage is computed in whole cents: a DECIMAL division is cut off
-- after six digits and would round a second time (6.5649998 to 6.565 to 6.57).
-- Stop loss and target are the user's to decide and stay empty.

CREATE TABLE filled_trades (
    trade_id INT UNSIGNED NOT NULL,
    PRIMARY KEY (trade_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT INTO filled_trades (trade_id)
SELECT id FROM trades WHERE outcome = 'open' AND allocation_amount IS NULL;

UPDATE filled_trades
JOIN trades ON trades.id = filled_trades.trade_id
JOIN users ON users.id = trades.user_id
SET trades.allocation_amount = ROUND(trades.quantity * trades.entry_price, 2),
    trades.position_percent = (
        (CAST(ROUND(trades.quantity * trades.entry_price, 2) * 100 AS SIGNED) * 20000
            + CAST(users.capital * 100 AS SIGNED))
        DIV (2 * CAST(users.capital * 100 AS SIGNED))
    ) / 100;
