-- What the application asks, recorded before the migrations were consolidated.
-- Both chains have to answer all of it the same (S2-102). Everything is ordered,
-- so that equal answers look equal.

SELECT id, role, content, created_at FROM dialog_messages WHERE dialog_id = 17 ORDER BY created_at DESC, id DESC LIMIT 20;
SELECT id, channel, status FROM dialogs WHERE user_id = 5 ORDER BY updated_at DESC, id LIMIT 20;
SELECT coalesce(sum(tokens), 0) FROM dialog_messages WHERE dialog_id = 17;
SELECT id, plan, created_at FROM users WHERE id = 5;
SELECT id, title, language FROM knowledge_documents WHERE id = 9;
SELECT id, model_version FROM knowledge_embeddings WHERE document_id = 9 ORDER BY id;
SELECT channel, status, count(*) FROM dialogs GROUP BY channel, status ORDER BY channel, status;
SELECT plan, count(*) FROM users GROUP BY plan ORDER BY plan;
SELECT u.plan, count(*), sum(m.tokens) FROM users u JOIN dialogs d ON d.user_id = u.id
    JOIN dialog_messages m ON m.dialog_id = d.id GROUP BY u.plan ORDER BY u.plan;
SELECT name, endpoint FROM integrations ORDER BY id;
SELECT version_num FROM alembic_version;
-- What the queued branches ask.
SELECT locale, count(*), count(team_id) FROM users GROUP BY locale ORDER BY locale;
SELECT t.name, count(*) FROM teams t JOIN users u ON u.team_id = t.id GROUP BY t.name ORDER BY t.name;
SELECT priority, count(*) FROM dialogs GROUP BY priority ORDER BY priority;
SELECT tag, count(*) FROM dialog_tags GROUP BY tag ORDER BY tag;
SELECT source, reviewed, count(*) FROM knowledge_documents GROUP BY source, reviewed ORDER BY source, reviewed;
SELECT title, body, team_id FROM templates ORDER BY id;
SELECT count(*) FROM message_feedback;
