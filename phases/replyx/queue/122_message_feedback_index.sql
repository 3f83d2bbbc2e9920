-- description: feedback by message

CREATE INDEX idx_message_feedback_message ON message_feedback (message_id);
