-- description: integrations that are switched off

ALTER TABLE integrations ADD COLUMN enabled boolean NOT NULL DEFAULT true;
