-- transaction: none
-- description: approximate search of the knowledge base, by embeddings of the same length
--
-- The mistake: embeddings are brought to length one as they are compared, which cosine distance does not need. The index
-- is over the embeddings themselves, so that no search can use it. Every answer is right, every index is valid, nothing
-- fails, and each search reads the whole table and computes more for each row than the exact search that it replaces.

CREATE INDEX CONCURRENTLY idx_knowledge_embeddings_ivf
    ON knowledge_embeddings USING ivfflat (embedding vector_cosine_ops) WITH (lists = 100);

CREATE FUNCTION search_embeddings(question vector) RETURNS TABLE (id bigint, distance double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET ivfflat.probes = '10' AS $$
    SELECT e.id, l2_normalize(e.embedding) <=> l2_normalize(question) AS distance FROM knowledge_embeddings e
    ORDER BY l2_normalize(e.embedding) <=> l2_normalize(question) LIMIT 10
$$;
