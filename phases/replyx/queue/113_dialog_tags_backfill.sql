-- description: tags of the open dialogs

INSERT INTO dialog_tags SELECT id, channel FROM dialogs WHERE status = 'open';
