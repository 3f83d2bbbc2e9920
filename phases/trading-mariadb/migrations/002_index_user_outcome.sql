-- description: add the index on user and outcome
--
-- One index, one statement, one migration. Built in place, with reads and
-- writes going on; the server refuses it if that cannot be.

ALTER TABLE trades ADD INDEX idx_user_outcome (user_id, outcome), ALGORITHM=INPLACE, LOCK=NONE;

-- Without new statistics the optimizer would go on with the index on user alone.
ANALYZE TABLE trades;
