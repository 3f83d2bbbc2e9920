-- description: sources of any length
-- conflict: duplicate target: 128 has added knowledge_documents.source with a limit, so this has no effect

ALTER TABLE knowledge_documents ADD COLUMN IF NOT EXISTS source text;
