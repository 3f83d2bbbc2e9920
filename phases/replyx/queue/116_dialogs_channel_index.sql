-- description: dialogs by channel

CREATE INDEX IF NOT EXISTS idx_dialogs_channel ON dialogs (channel);
