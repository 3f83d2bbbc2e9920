-- description: the language of a message

ALTER TABLE dialog_messages ADD COLUMN language text;
