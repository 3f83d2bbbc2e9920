-- description: open dialogs by channel
-- conflict: duplicate target: 116 has made an index of this name on other columns, so this has no effect

CREATE INDEX IF NOT EXISTS idx_dialogs_channel ON dialogs (channel, status);
