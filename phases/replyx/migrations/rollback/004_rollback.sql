COMMENT ON TABLE dialogs IS NULL;
CREATE TABLE temp_data (
    id bigint PRIMARY KEY,
    dialog_id bigint,
    payload text,
    imported_at timestamptz NOT NULL
);
DROP TABLE dialog_tags;
ALTER TABLE dialogs DROP COLUMN import_id, DROP COLUMN priority;
