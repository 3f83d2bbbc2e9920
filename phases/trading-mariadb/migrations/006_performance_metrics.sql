-- description: make room for what the application measures of itself

CREATE TABLE performance_metrics (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    metric VARCHAR(40) NOT NULL,
    value DOUBLE NOT NULL,
    measured_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY performance_metrics_series (metric, measured_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
