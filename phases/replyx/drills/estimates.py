#!/usr/bin/env python3
"""How far the planner's estimates are from what comes (S2-56), for what the interface asks.

The ratio of rows estimated to rows that came, the greater through the smaller,
of the scan at the bottom of each plan, averaged over dialogs or users; the
worst of the questions counts. Prints "OK - … | ratio=…".
"""

import os
import sys

import psycopg

QUESTIONS = {
    "dialog_messages by dialog": ("SELECT * FROM dialog_messages WHERE dialog_id = {}", "dialogs"),
    "dialogs by user": ("SELECT * FROM dialogs WHERE user_id = {}", "users"),
    "open dialogs": ("SELECT * FROM dialogs WHERE status = 'open'", None),
    "chunks by article": ("SELECT * FROM knowledge_embeddings WHERE document_id = {}", "knowledge_documents"),
}


def bottom(plan):
    while "Plans" in plan:
        plan = plan["Plans"][0]
    return plan


def rows(connection, question, keys):
    estimated = came = 0.0
    for key in keys:
        plan = connection.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {question.format(key)}").fetchone()[0][0]["Plan"]
        estimated += bottom(plan)["Plan Rows"]
        came += bottom(plan)["Actual Rows"]
    return estimated, came


try:
    worst = (0.0, "nothing")
    with psycopg.connect(
        host="127.0.0.1", port=os.environ["REPLYX_PORT"], dbname="replyx", user="replyx", password=os.environ["REPLYX_PASSWORD"]
    ) as connection:
        connection.read_only = True
        for name, (question, table) in QUESTIONS.items():
            keys = [key for (key,) in connection.execute(f"SELECT id FROM {table} ORDER BY id LIMIT 30")] if table else [0]
            estimated, came = rows(connection, question, keys)
            ratio = max(estimated, came) / max(1.0, min(estimated, came))
            worst = max(worst, (ratio, name))
except (psycopg.Error, KeyError) as error:
    print(f"UNKNOWN - {type(error).__name__}")
    sys.exit(3)
print(f"OK - worst for {worst[1]} | ratio={worst[0]:.3f}")
