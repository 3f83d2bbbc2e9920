COMMENT ON TABLE integrations IS NULL;
DROP TABLE webhook_deliveries;
ALTER TABLE integrations DROP COLUMN notification_mail, DROP COLUMN notification_email, DROP COLUMN enabled;
DROP TABLE templates;
