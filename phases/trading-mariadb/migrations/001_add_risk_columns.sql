-- description: add the four missing columns, empty
--
-- The statement is the document's. ALGORITHM=INSTANT makes the server refuse it
-- rather than copy the table, should the columns ever have to go elsewhere than
-- to the end. DECIMAL(5,2) takes 999.99 as a percentage; no CHECK is added,
-- because that could not be done at once, so the plan looks at the values.

ALTER TABLE trades
    ADD COLUMN position_percent DECIMAL(5,2) NULL,
    ADD COLUMN stop_loss DECIMAL(10,2) NULL,
    ADD COLUMN target_price DECIMAL(10,2) NULL,
    ADD COLUMN allocation_amount DECIMAL(12,2) NULL,
    ALGORITHM=INSTANT;
