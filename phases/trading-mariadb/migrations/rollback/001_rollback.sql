-- What is lost with the columns can be computed again: until phase 2 nobody
-- has given a stop loss or a target.
ALTER TABLE trades
    DROP COLUMN position_percent,
    DROP COLUMN stop_loss,
    DROP COLUMN target_price,
    DROP COLUMN allocation_amount,
    ALGORITHM=INSTANT;
