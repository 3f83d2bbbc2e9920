-- description: templates of a team

ALTER TABLE templates ADD COLUMN team_id bigint REFERENCES teams;
