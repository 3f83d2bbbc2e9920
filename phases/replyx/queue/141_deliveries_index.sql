-- description: deliveries by integration

CREATE INDEX idx_webhook_deliveries_integration ON webhook_deliveries (integration_id);
