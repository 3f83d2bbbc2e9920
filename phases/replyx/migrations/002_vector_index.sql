-- transaction: none
-- description: approximate search of the knowledge base, with lists and probes that fit it
--
-- As many lists as the root of the number of embeddings: 100 for 10,000. A search
-- looks into the 10 lists whose centres are nearest. Fewer lists make it slower,
-- many more lists leave so few embeddings in the probed ones that answers are
-- missed: see migrations-bad.

CREATE INDEX CONCURRENTLY idx_knowledge_embeddings_ivf
    ON knowledge_embeddings USING ivfflat (embedding vector_cosine_ops) WITH (lists = 100);

-- The number of probes belongs to the search and goes with it (S2-72).
CREATE FUNCTION search_embeddings(question vector) RETURNS TABLE (id bigint, distance double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET ivfflat.probes = '10' AS $$
    SELECT e.id, e.embedding <=> question AS distance FROM knowledge_embeddings e ORDER BY e.embedding <=> question LIMIT 10
$$;
