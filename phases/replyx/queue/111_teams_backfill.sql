-- description: teams of the users there are

INSERT INTO teams SELECT i, 'Team ' || i FROM generate_series(1, 20) AS i;
UPDATE users SET team_id = 1 + id % 20 WHERE plan <> 'free';
