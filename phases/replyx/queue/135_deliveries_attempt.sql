-- description: attempts of a delivery
-- conflict: order: webhook_deliveries is made by 138 only, so this has no effect

ALTER TABLE IF EXISTS webhook_deliveries ADD COLUMN IF NOT EXISTS attempt integer NOT NULL DEFAULT 1;
