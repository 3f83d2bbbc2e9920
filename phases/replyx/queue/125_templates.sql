-- description: templates of answers

CREATE TABLE templates (
    id bigint PRIMARY KEY,
    title text NOT NULL,
    body text NOT NULL
);
