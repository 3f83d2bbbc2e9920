-- description: deliveries to integrations

CREATE TABLE webhook_deliveries (
    id bigint PRIMARY KEY,
    integration_id bigint NOT NULL REFERENCES integrations,
    delivered boolean NOT NULL
);
