-- description: tokens of a chunk

ALTER TABLE knowledge_embeddings ADD COLUMN token_count integer NOT NULL DEFAULT 0;
