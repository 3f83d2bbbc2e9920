-- description: the import a dialog came from
-- conflict: drop against reference: 142 drops temp_data, and this reference with it

ALTER TABLE dialogs ADD COLUMN import_id bigint REFERENCES temp_data;
