-- description: the collection of an article

ALTER TABLE knowledge_documents ADD COLUMN collection_id bigint REFERENCES knowledge_collections;
