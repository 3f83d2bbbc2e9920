-- description: feedback in words

ALTER TABLE message_feedback ADD COLUMN comment text;
