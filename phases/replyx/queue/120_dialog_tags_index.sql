-- description: dialogs by tag

CREATE INDEX idx_dialog_tags_tag ON dialog_tags (tag);
