-- description: rebuild portfolio without the constraints
--
-- The rows wait in a table of their own while portfolio is created under its
-- own name: renaming would leave its name quoted in the schema, and the schema
-- would not be the one from before.

CREATE TABLE portfolio_kept AS
SELECT id, user_id, symbol, quantity, average_cost, last_updated FROM portfolio;

INSERT INTO sqlite_sequence (name, seq)
SELECT 'portfolio_kept', seq FROM sqlite_sequence WHERE name = 'portfolio';

DROP TABLE portfolio;

CREATE TABLE portfolio (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    quantity REAL NOT NULL,
    average_cost REAL NOT NULL,
    last_updated DATETIME DEFAULT CURRENT_TIMESTAMP,
    UNIQUE(user_id, symbol),
    FOREIGN KEY (user_id) REFERENCES users(id)
);

INSERT INTO portfolio (id, user_id, symbol, quantity, average_cost, last_updated)
SELECT id, user_id, symbol, quantity, average_cost, last_updated FROM portfolio_kept ORDER BY id;

DELETE FROM sqlite_sequence WHERE name = 'portfolio';
UPDATE sqlite_sequence SET name = 'portfolio' WHERE name = 'portfolio_kept';
DROP TABLE portfolio_kept;

CREATE INDEX idx_portfolio_user_symbol ON portfolio(user_id, symbol);
ANALYZE portfolio;

DELETE FROM schema_versions WHERE version = 3;
