-- description: articles somebody has read

ALTER TABLE knowledge_documents ADD COLUMN reviewed boolean NOT NULL DEFAULT false;
