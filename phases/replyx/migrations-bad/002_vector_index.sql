-- transaction: none
-- description: approximate search of the knowledge base, with a list for every ten embeddings
--
-- The mistake (S2-72): 1000 lists and one probe. Each search reads ten embeddings
-- or so. It is very fast, every index is valid, nothing fails, and two of three
-- answers are missing.

CREATE INDEX CONCURRENTLY idx_knowledge_embeddings_ivf
    ON knowledge_embeddings USING ivfflat (embedding vector_cosine_ops) WITH (lists = 1000);

CREATE FUNCTION search_embeddings(question vector) RETURNS TABLE (id bigint, distance double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET ivfflat.probes = '1' AS $$
    SELECT e.id, e.embedding <=> question AS distance FROM knowledge_embeddings e ORDER BY e.embedding <=> question LIMIT 10
$$;
