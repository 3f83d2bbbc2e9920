-- description: collections of articles

CREATE TABLE knowledge_collections (
    id bigint PRIMARY KEY,
    name text NOT NULL UNIQUE
);
