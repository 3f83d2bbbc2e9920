-- description: the team of a user

ALTER TABLE users ADD COLUMN team_id bigint REFERENCES teams;
