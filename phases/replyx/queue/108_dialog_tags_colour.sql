-- description: colours of tags
-- conflict: order: dialog_tags is made by 112 only, so this has no effect

ALTER TABLE IF EXISTS dialog_tags ADD COLUMN IF NOT EXISTS colour text;
