-- description: settings of a user
-- conflict: close names: user_settings beside the user_preferences of 101, on one table

ALTER TABLE users ADD COLUMN user_settings jsonb NOT NULL DEFAULT '{}';
