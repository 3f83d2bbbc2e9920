-- description: the language a user reads

ALTER TABLE users ADD COLUMN locale text NOT NULL DEFAULT 'en';
