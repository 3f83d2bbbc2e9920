-- description: the mood of a message

ALTER TABLE dialog_messages ADD COLUMN sentiment smallint;
