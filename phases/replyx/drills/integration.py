#!/usr/bin/env python3
"""The integration suite of the interface (S2-80, S2-81): what third parties ask, and the shape of what they get.

Runs in the workspace; prints "OK - … | failed=… checks=…".
"""

import json
import sys
import urllib.error
import urllib.request

SHAPES = {
    "/dialog/17": {"id", "role", "content", "created_at"},
    "/dialogs/5": {"id", "channel", "status"},
    "/profile/5": {"id", "plan", "created_at"},
    "/article/9": {"id", "title", "language"},
    "/chunks/9": {"id", "model_version"},
}


def get(path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def checks():
    status, body = get("/health")
    yield "health", status == 200 and body["status"] == "ok" and body["breaker"] == "closed"
    for path, keys in SHAPES.items():
        status, rows = get(path)
        # Keys may be added, none may go (S2-81).
        yield path, status == 200 and len(rows) > 0 and all(keys <= row.keys() for row in rows)
    status, body = get("/search/user-1/0")
    yield "search", status == 200 and len(body["found"]) == 10 and len(set(body["found"])) == 10
    status, body = get("/nothing")
    yield "unknown path", status == 404 and "error" in body


try:
    with open("application.port") as file:
        PORT = int(file.read())
    results = list(checks())
except (OSError, ValueError) as error:
    print(f"UNKNOWN - {error}")
    sys.exit(3)
failed = [name for name, is_right in results if not is_right]
print(f"{'OK' if not failed else 'CRITICAL'} - {', '.join(failed) or 'all as agreed'} | failed={len(failed)} checks={len(results)}")
sys.exit(2 if failed else 0)
