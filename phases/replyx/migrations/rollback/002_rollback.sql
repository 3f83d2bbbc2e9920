-- transaction: none
DROP FUNCTION search_embeddings(vector);
DROP INDEX CONCURRENTLY idx_knowledge_embeddings_ivf;
