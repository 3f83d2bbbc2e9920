-- description: add an index that answers a user's exposure by itself
--
-- The sums of the new columns over a user's open trades are read off it,
-- without a look at the rows. The document asks for "queries using new
-- columns" to be optimised and names no index; this one is ours.

ALTER TABLE trades
    ADD INDEX idx_user_outcome_exposure (user_id, outcome, allocation_amount, position_percent),
    ALGORITHM=INPLACE, LOCK=NONE;

ANALYZE TABLE trades;
