-- description: thumbs up for messages
-- conflict: duplicate target: 121 has made a table of this name with other columns, so this has no effect

CREATE TABLE IF NOT EXISTS message_feedback (
    message_id bigint PRIMARY KEY,
    thumbs_up boolean NOT NULL
);
