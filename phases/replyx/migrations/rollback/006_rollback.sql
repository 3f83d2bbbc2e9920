COMMENT ON TABLE knowledge_documents IS NULL;
COMMENT ON TABLE knowledge_embeddings IS NULL;
ALTER TABLE knowledge_documents DROP COLUMN collection_id, DROP COLUMN reviewed, DROP COLUMN source;
DROP TABLE knowledge_collections;
ALTER TABLE knowledge_embeddings DROP COLUMN token_count;
