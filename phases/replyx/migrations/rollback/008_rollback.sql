-- transaction: none
UPDATE alembic_version SET version_num = '7c1d4e9a2b35';
COMMENT ON TABLE alembic_version IS NULL;
DROP INDEX CONCURRENTLY idx_dialogs_channel;
