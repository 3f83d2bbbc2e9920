-- A small shop for the examples: sqlite3 shop.db < shop.sql
PRAGMA journal_mode = WAL;
PRAGMA application_id = 0x53484F50; -- "SHOP"

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers(id),
    status TEXT NOT NULL,
    cents INTEGER NOT NULL
);

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
INSERT INTO customers (id, name) SELECT n, 'customer ' || n FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
INSERT INTO orders (customer_id, status, cents)
SELECT 1 + n * 7919 % 1000, CASE WHEN n % 50 = 0 THEN 'open' ELSE 'closed' END, 100 + n * 31 % 9900 FROM numbers;
