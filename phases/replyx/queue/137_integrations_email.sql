-- description: whom to tell

ALTER TABLE integrations ADD COLUMN notification_email text;
