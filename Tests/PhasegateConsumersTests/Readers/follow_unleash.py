"""An Unleash that holds one flag, and its own client that follows it: follow_unleash.py FLAG STRATEGY TOKEN USERS

Prints the address of the server first: a stub on loopback with the parts of Unleash's admin and client
API that are needed. Then, whenever the client has seen a change, a line of JSON: how the flag
stands, which users see it where the caller's own default is true, and how often nothing was new (304).
"""

import hashlib
import json
import os
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from UnleashClient import UnleashClient

flag, strategy, token, users = sys.argv[1:]
with open(users) as file:
    users = json.load(file)

lock = threading.Lock()
state = {
    "enabled": False,
    "parameters": {"rollout": "100", "stickiness": "default", "groupId": "another"},
}
counts = {"unchanged": 0, "fetched": None, "refused": 0}
environment = "/api/admin/projects/default/features/%s/environments/production" % flag


def strategies():
    return [{"id": strategy, "name": "flexibleRollout", "constraints": [], "parameters": dict(state["parameters"])}]


def definition():
    return json.dumps(
        {
            "version": 2,
            "features": [
                {"name": flag, "type": "release", "enabled": state["enabled"], "strategies": strategies(), "variants": []}
            ],
        }
    ).encode()


def tag(body):
    return '"%s"' % hashlib.sha1(body).hexdigest()


class Unleash(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, body=b"", etag=None):
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_admin(self):
        if self.headers.get("Authorization") == token:
            return True
        counts["refused"] += 1
        self.answer(401)
        return False

    def do_GET(self):
        with lock:
            if self.path == "/api/client/features":
                body = definition()
                counts["fetched"] = tag(body)
                if self.headers.get("If-None-Match") == tag(body):
                    counts["unchanged"] += 1
                    return self.answer(304, etag=tag(body))
                return self.answer(200, body, tag(body))
            if self.path == environment and self.is_admin():
                body = {"name": "production", "enabled": state["enabled"], "strategies": strategies()}
                return self.answer(200, json.dumps(body).encode())
            if self.path != environment:
                self.answer(404)

    def do_POST(self):
        self.body()
        with lock:
            if self.path in ("/api/client/register", "/api/client/metrics"):
                return self.answer(202)
            if self.path in (environment + "/on", environment + "/off"):
                if self.is_admin():
                    state["enabled"] = self.path.endswith("/on")
                    self.answer(200)
                return
            self.answer(404)

    def do_PATCH(self):
        changes = json.loads(self.body())
        with lock:
            if self.path != "%s/strategies/%s" % (environment, strategy):
                return self.answer(404)
            if not self.is_admin():
                return
            for change in changes:
                name = change["path"].removeprefix("/parameters/")
                # All parameters are strings; a number would be refused.
                if change["op"] != "replace" or name not in state["parameters"] or not isinstance(change["value"], str):
                    return self.answer(400)
                state["parameters"][name] = change["value"]
            self.answer(200, json.dumps(strategies()[0]).encode())

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Unleash)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = "http://127.0.0.1:%d" % server.server_port
client = UnleashClient(
    url=address + "/api",
    app_name="consumer",
    custom_headers={"Authorization": "a client's"},
    refresh_interval=1,
    disable_metrics=True,
    cache_directory=tempfile.mkdtemp(),
)
client.initialize_client()
print(address, flush=True)


def seen():
    exposed = [
        number
        for number, user in enumerate(users)
        if client.is_enabled(flag, {"userId": user} if user else {}, fallback_function=lambda name, context: True)
    ]
    return exposed


shown = None
asked = None
while os.getppid() != 1:
    time.sleep(0.05)
    with lock:
        present = tag(definition())
        # Settled when the client has fetched this state and asked once more without anything new.
        settled = counts["fetched"] == present and counts["unchanged"] > 0
        if present != asked:
            asked = present
            counts["unchanged"] = 0
            settled = False
        report = {"enabled": state["enabled"], **state["parameters"], "refused": counts["refused"]}
    if settled and present != shown:
        shown = present
        report["exposed"] = seen()
        report["unchanged"] = counts["unchanged"]
        print(json.dumps(report), flush=True)
