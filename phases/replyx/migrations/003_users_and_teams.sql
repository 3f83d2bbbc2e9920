-- description: preferences, locale, settings and teams of users
-- Consolidates 101 to 105 and 109 to 111 of the queue.

ALTER TABLE users
    ADD COLUMN user_preferences jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN locale text NOT NULL DEFAULT 'en',
    ADD COLUMN user_settings jsonb NOT NULL DEFAULT '{}';
CREATE TABLE teams (
    id bigint PRIMARY KEY,
    name text NOT NULL UNIQUE
);
INSERT INTO teams SELECT i, 'Team ' || i FROM generate_series(1, 20) AS i;
ALTER TABLE users ADD COLUMN team_id bigint REFERENCES teams;
UPDATE users SET locale = CASE id % 3 WHEN 0 THEN 'de' WHEN 1 THEN 'en' ELSE 'fr' END,
    team_id = CASE WHEN plan <> 'free' THEN 1 + id % 20 END;
ALTER TABLE users ADD CONSTRAINT users_locale_known CHECK (locale IN ('en', 'de', 'fr'));

COMMENT ON TABLE users IS 'People who use ReplyX, with their plan, team and preferences.';
COMMENT ON TABLE teams IS 'Teams that users of paid plans belong to.';
