-- description: whom to tell
-- conflict: close names: notification_mail beside the notification_email of 137, on one table

ALTER TABLE integrations ADD COLUMN notification_mail text;
