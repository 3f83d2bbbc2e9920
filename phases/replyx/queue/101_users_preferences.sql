-- description: preferences of a user

ALTER TABLE users ADD COLUMN user_preferences jsonb NOT NULL DEFAULT '{}';
