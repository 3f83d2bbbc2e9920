-- description: rebuild portfolio with constraints that keep values that are no numbers out
--
-- SQLite cannot add a constraint to a table, so the table is built anew under
-- another name, filled, and put in the place of the old one. A row that breaks
-- a constraint stops the migration before anything is lost.

CREATE TABLE portfolio_rebuilt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    quantity REAL NOT NULL
        CHECK (typeof(quantity) = 'real' AND abs(quantity) <= 1.7976931348623157e308),
    average_cost REAL NOT NULL
        CHECK (typeof(average_cost) = 'real' AND average_cost BETWEEN 0 AND 1.7976931348623157e308),
    last_updated DATETIME DEFAULT CURRENT_TIMESTAMP,
    UNIQUE(user_id, symbol),
    FOREIGN KEY (user_id) REFERENCES users(id)
);

INSERT INTO portfolio_rebuilt (id, user_id, symbol, quantity, average_cost, last_updated)
SELECT id, user_id, symbol, quantity, average_cost, last_updated FROM portfolio ORDER BY id;

-- An identifier that was given out once is never given out again, even if its
-- row has been deleted since.
DELETE FROM sqlite_sequence WHERE name = 'portfolio_rebuilt';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'portfolio_rebuilt', seq FROM sqlite_sequence WHERE name = 'portfolio';

DROP TABLE portfolio;
ALTER TABLE portfolio_rebuilt RENAME TO portfolio;

CREATE INDEX idx_portfolio_user_symbol ON portfolio(user_id, symbol);
ANALYZE portfolio;

INSERT INTO schema_versions (version, description, rollback_script)
VALUES (
    3, 'rebuild portfolio with constraints that keep values that are no numbers out', 'rollback/003_rollback.sql'
);
