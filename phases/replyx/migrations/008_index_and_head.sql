-- transaction: none
-- description: the index on a table that is in use, beside the traffic, and the head that the application expects
-- Consolidates 116, 119 and 145 of the queue.
--
-- Merged by hand: 116 and 119 give one name to two indexes; the second had no effect.

CREATE INDEX CONCURRENTLY idx_dialogs_channel ON dialogs (channel);
COMMENT ON TABLE alembic_version IS 'The head of the migrations; one row.';
UPDATE alembic_version SET version_num = 'e5b8f2c60d17';
