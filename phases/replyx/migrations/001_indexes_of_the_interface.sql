-- transaction: none
-- description: indexes for what the interface asks, built beside the traffic
--
-- Each is built CONCURRENTLY, which no transaction may hold: it waits for those
-- that are under way and blocks nobody (S2-49). What a failure leaves is an
-- INVALID index, and that is all: it is dropped and built anew (X2-13).

CREATE INDEX CONCURRENTLY idx_dialog_messages_dialog_created
    ON dialog_messages (dialog_id, created_at DESC, id DESC) INCLUDE (tokens);
CREATE INDEX CONCURRENTLY idx_dialogs_user_updated ON dialogs (user_id, updated_at DESC);
CREATE INDEX CONCURRENTLY idx_knowledge_embeddings_document ON knowledge_embeddings (document_id);
-- Unique: the entry gate has counted duplicates, because the build would fail on the first (S2-69).
CREATE UNIQUE INDEX CONCURRENTLY idx_users_email ON users (email);

-- The planner decides by the statistics it has (S2-56).
ANALYZE dialog_messages;
ANALYZE dialogs;
