-- description: language and sentiment of messages, feedback of readers
-- Consolidates 115, 117, 118 and 121 to 124 of the queue.
--
-- Merged by hand: 118 came before its table, 124 wanted another one of the same name;
-- neither had an effect.

ALTER TABLE dialog_messages ADD COLUMN language text, ADD COLUMN sentiment smallint;
CREATE TABLE message_feedback (
    id bigint PRIMARY KEY,
    message_id bigint NOT NULL REFERENCES dialog_messages,
    score smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    comment text
);
CREATE INDEX idx_message_feedback_message ON message_feedback (message_id);

COMMENT ON TABLE dialog_messages IS 'Messages of dialogs, newest read first.';
COMMENT ON TABLE message_feedback IS 'What readers thought of a message, from 1 to 5.';
