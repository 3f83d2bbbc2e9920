COMMENT ON TABLE dialog_messages IS NULL;
DROP TABLE message_feedback;
ALTER TABLE dialog_messages DROP COLUMN sentiment, DROP COLUMN language;
