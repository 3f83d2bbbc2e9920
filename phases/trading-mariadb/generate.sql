-- The trading database as it is before phase 1, with seeded data in it.
--
--   { echo "SET @users = 1000, @trades = 40000, @seed = 42;"; cat generate.sql; } | mariadb trading
--
-- The same numbers give the same rows: whatever looks like chance is read off
-- the MD5 of seed, table and row number, four hexadecimal digits a draw. No
-- column is filled by the clock. The sequence engine (seq_1_to_N) makes the rows.
--
-- The document names one table, trades, and of it the four columns that are
-- missing and the two that the index is on. The rest is what the least trading
-- journal needs that has "proper foreign keys, constraints, and indexing".

CREATE TABLE users (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    name VARCHAR(80) NOT NULL,
    capital DECIMAL(14,2) NOT NULL,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE KEY users_name (name),
    CONSTRAINT users_have_capital CHECK (capital > 0)
) ENGINE=InnoDB;

CREATE TABLE instruments (
    symbol VARCHAR(12) NOT NULL,
    name VARCHAR(80) NOT NULL,
    last_price DECIMAL(10,2) NOT NULL,
    PRIMARY KEY (symbol)
) ENGINE=InnoDB;

CREATE TABLE strategies (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    name VARCHAR(80) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY strategies_name (name)
) ENGINE=InnoDB;

CREATE TABLE trades (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    user_id INT UNSIGNED NOT NULL,
    strategy_id INT UNSIGNED NULL,
    symbol VARCHAR(12) NOT NULL,
    side ENUM('long','short') NOT NULL,
    quantity INT UNSIGNED NOT NULL,
    entry_price DECIMAL(12,4) NOT NULL,
    exit_price DECIMAL(12,4) NULL,
    outcome ENUM('open','win','loss','break-even') NOT NULL DEFAULT 'open',
    profit DECIMAL(14,2) NULL,
    opened_at DATETIME(3) NOT NULL,
    closed_at DATETIME(3) NULL,
    note VARCHAR(200) NULL,
    PRIMARY KEY (id),
    -- Named, because an index that MariaDB makes for a foreign key by itself
    -- disappears as soon as idx_user_outcome covers it: then taking that index
    -- back would not bring the table back to what it was.
    KEY trades_user (user_id),
    KEY trades_strategy (strategy_id),
    KEY trades_symbol (symbol),
    CONSTRAINT trades_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT trades_strategy FOREIGN KEY (strategy_id) REFERENCES strategies (id),
    CONSTRAINT trades_symbol FOREIGN KEY (symbol) REFERENCES instruments (symbol),
    CONSTRAINT trades_have_quantity CHECK (quantity > 0),
    CONSTRAINT trades_close_once CHECK ((outcome = 'open') = (closed_at IS NULL))
) ENGINE=InnoDB;

-- A draw between 0 and 1 is 4 of the 32 digits.
EXECUTE IMMEDIATE CONCAT('
    INSERT INTO users (id, name, capital, created_at)
    SELECT seq, CONCAT(''user ', '–', ' '', seq), ROUND(20000 + CONV(SUBSTR(h, 1, 4), 16, 10) / 65536 * 480000, 2),
        ''2024-01-01'' + INTERVAL FLOOR(CONV(SUBSTR(h, 5, 4), 16, 10) / 65536 * 300) DAY
    FROM (SELECT seq, MD5(CONCAT(@seed, '':user:'', seq)) AS h FROM seq_1_to_', @users, ') AS drawn');

INSERT INTO instruments (symbol, name, last_price)
SELECT CONCAT('S', LPAD(seq, 3, '0')), CONCAT('Instrument № ', seq), 5 + FLOOR(CONV(SUBSTR(h, 1, 4), 16, 10) / 65536 * 49500) / 100
FROM (SELECT seq, MD5(CONCAT(@seed, ':instrument:', seq)) AS h FROM seq_1_to_120) AS drawn;

INSERT INTO strategies (id, name)
VALUES (1, 'Breakout'), (2, 'Mean reversion'), (3, 'Momentum'), (4, 'News'), (5, 'Pairs'), (6, 'Scalping'),
    (7, 'Swing'), (8, 'Trend following');

-- Two thirds of the trades belong to a third of the users; the newest tenth is
-- open. A position takes 0.2 to 8 % of its user's capital.
EXECUTE IMMEDIATE CONCAT('
    INSERT INTO trades (id, user_id, strategy_id, symbol, side, quantity, entry_price, exit_price, outcome, profit, opened_at,
        closed_at, note)
    SELECT seq, user_id, strategy_id, symbol, side, quantity, entry_price,
        IF(outcome = ''open'', NULL, exit_price), outcome,
        IF(outcome = ''open'', NULL, ROUND(quantity * (exit_price - entry_price) * IF(side = ''long'', 1, -1), 2)),
        opened_at, IF(outcome = ''open'', NULL, opened_at + INTERVAL held MINUTE), note
    FROM (
        SELECT d.seq, u.id AS user_id, IF(d.f < 0.1, NULL, 1 + FLOOR(d.f * 8)) AS strategy_id, i.symbol,
            IF(d.b < 0.7, ''long'', ''short'') AS side,
            GREATEST(1, FLOOR(u.capital * (0.002 + 0.078 * d.c) / i.last_price)) AS quantity,
            ROUND(i.last_price * (0.8 + 0.4 * d.d), 2) AS entry_price,
            CASE WHEN d.seq > @trades * 0.9 THEN ''open'' WHEN d.e < 0.48 THEN ''win'' WHEN d.e < 0.94 THEN ''loss''
                ELSE ''break-even'' END AS outcome,
            ROUND(i.last_price * (0.8 + 0.4 * d.d)
                * CASE WHEN d.e >= 0.94 THEN 1 WHEN (d.e < 0.48) = (d.b < 0.7) THEN 1 + 0.1 * d.g + 0.01
                    ELSE 1 - 0.1 * d.g - 0.01 END, 2) AS exit_price,
            ''2025-01-01'' + INTERVAL FLOOR(d.seq / @trades * 525600) MINUTE AS opened_at,
            1 + FLOOR(d.g * 14400) AS held,
            IF(d.h < 0.05, CONCAT(''Notiz – “', 'seed', '” € '', d.seq), NULL) AS note
        FROM (
            SELECT seq, CONV(SUBSTR(h, 1, 4), 16, 10) / 65536 AS a, CONV(SUBSTR(h, 5, 4), 16, 10) / 65536 AS b,
                CONV(SUBSTR(h, 9, 4), 16, 10) / 65536 AS c, CONV(SUBSTR(h, 13, 4), 16, 10) / 65536 AS d,
                CONV(SUBSTR(h, 17, 4), 16, 10) / 65536 AS e, CONV(SUBSTR(h, 21, 4), 16, 10) / 65536 AS f,
                CONV(SUBSTR(h, 25, 4), 16, 10) / 65536 AS g, CONV(SUBSTR(h, 29, 4), 16, 10) / 65536 AS h
            FROM (SELECT seq, MD5(CONCAT(@seed, '':trade:'', seq)) AS h FROM seq_1_to_', @trades, ') AS hashed
        ) AS d
        JOIN users AS u ON u.id = 1 + FLOOR(@users * POW(d.a, 2))
        JOIN instruments AS i ON i.symbol = CONCAT(''S'', LPAD(1 + FLOOR(120 * d.h), 3, ''0''))
    ) AS made');

ANALYZE TABLE users, instruments, strategies, trades;
