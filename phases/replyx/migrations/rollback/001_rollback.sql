-- transaction: none
DROP INDEX CONCURRENTLY idx_users_email;
DROP INDEX CONCURRENTLY idx_knowledge_embeddings_document;
DROP INDEX CONCURRENTLY idx_dialogs_user_updated;
DROP INDEX CONCURRENTLY idx_dialog_messages_dialog_created;
