-- description: priority and tags of dialogs; temp_data goes
-- Consolidates 106 to 108, 112 to 114, 120, 140, 142 and 143 of the queue.
--
-- Merged by hand: 114 wanted a second column `priority` with another type and had
-- no effect. 140 refers to temp_data, which 142 drops together with that
-- reference: the column stays, the reference never is.

ALTER TABLE dialogs ADD COLUMN priority integer NOT NULL DEFAULT 0;
UPDATE dialogs SET priority = 1 WHERE status = 'open';
CREATE TABLE dialog_tags (
    dialog_id bigint NOT NULL REFERENCES dialogs,
    tag text NOT NULL,
    PRIMARY KEY (dialog_id, tag)
);
INSERT INTO dialog_tags SELECT id, channel FROM dialogs WHERE status = 'open';
CREATE INDEX idx_dialog_tags_tag ON dialog_tags (tag);
ALTER TABLE dialogs ADD COLUMN import_id bigint;
-- The entry gate has counted its rows: there are none.
DROP TABLE temp_data;

COMMENT ON TABLE dialogs IS 'Conversations of a user over a channel.';
COMMENT ON TABLE dialog_tags IS 'What a dialog is about.';
