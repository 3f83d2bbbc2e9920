-- description: feedback without words is an empty text
-- conflict: order: message_feedback is made by 121 only, so this has no effect

ALTER TABLE IF EXISTS message_feedback ALTER COLUMN comment SET DEFAULT '';
