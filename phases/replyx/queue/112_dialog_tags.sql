-- description: tags of a dialog

CREATE TABLE dialog_tags (
    dialog_id bigint NOT NULL REFERENCES dialogs,
    tag text NOT NULL,
    PRIMARY KEY (dialog_id, tag)
);
