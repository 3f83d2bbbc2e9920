-- description: feedback on messages

CREATE TABLE IF NOT EXISTS message_feedback (
    id bigint PRIMARY KEY,
    message_id bigint NOT NULL REFERENCES dialog_messages,
    score smallint NOT NULL CHECK (score BETWEEN 1 AND 5)
);
