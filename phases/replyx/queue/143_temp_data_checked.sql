-- description: imports that were checked
-- conflict: drop against reference: 142 has dropped temp_data, so this has no effect

ALTER TABLE IF EXISTS temp_data ADD COLUMN IF NOT EXISTS checked boolean;
