-- description: priority of a dialog, as a number

ALTER TABLE dialogs ADD COLUMN IF NOT EXISTS priority integer NOT NULL DEFAULT 0;
