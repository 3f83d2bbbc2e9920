-- description: make room for the cached exposure of each user
--
-- One row for each user whose exposure somebody looked at. Whoever changes a
-- user's trades deletes it in the same transaction.

CREATE TABLE user_risk_cache (
    user_id INT UNSIGNED NOT NULL,
    open_trades INT UNSIGNED NOT NULL,
    allocated DECIMAL(14,2) NOT NULL,
    position_percent DECIMAL(9,2) NOT NULL,
    computed_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (user_id),
    CONSTRAINT user_risk_cache_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
