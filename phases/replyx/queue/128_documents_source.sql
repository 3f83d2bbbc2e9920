-- description: where an article comes from

ALTER TABLE knowledge_documents ADD COLUMN IF NOT EXISTS source varchar(20) NOT NULL DEFAULT 'import';
