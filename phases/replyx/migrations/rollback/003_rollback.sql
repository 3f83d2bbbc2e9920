COMMENT ON TABLE users IS NULL;
ALTER TABLE users DROP CONSTRAINT users_locale_known, DROP COLUMN team_id, DROP COLUMN user_settings, DROP COLUMN locale,
    DROP COLUMN user_preferences;
DROP TABLE teams;
