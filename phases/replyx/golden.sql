-- The golden set: questions with the ten answers that exact search gives, one
-- JSON object a line. A question is an embedding moved a little, as a question
-- lies near to an article and on none: psql -A -t -v seed=42 -f golden.sql
WITH questions AS (
    SELECT e.id, (
        SELECT l2_normalize(array_agg(part + 0.12 * ((hashint8extended(e.id, :seed + 70000 + d) & 1048575) / 1048576.0 - 0.5)
            ORDER BY d)::vector)
        FROM unnest(e.embedding::real[]) WITH ORDINALITY AS parts(part, d)
    ) AS question
    FROM knowledge_embeddings e
    ORDER BY hashint8extended(e.id, :seed) LIMIT 60
)
SELECT json_build_object(
    'name', 'q' || lpad(row_number() OVER (ORDER BY q.id)::text, 3, '0'),
    'query', q.question::text::json,
    'expected', (
        SELECT json_agg(id ORDER BY distance, id) FROM (
            SELECT e.id, e.embedding <=> q.question AS distance FROM knowledge_embeddings e ORDER BY distance, e.id LIMIT 10
        ) AS nearest
    ))
FROM questions q ORDER BY q.id;
