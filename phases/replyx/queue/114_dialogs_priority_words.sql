-- description: priority of a dialog, as a word
-- conflict: duplicate target: 106 has added dialogs.priority as a number, so this has no effect

ALTER TABLE dialogs ADD COLUMN IF NOT EXISTS priority text DEFAULT 'normal';
