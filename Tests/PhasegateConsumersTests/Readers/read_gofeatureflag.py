"""Follows a flag file with GO Feature Flag's own provider, in process: read_gofeatureflag.py FILE FLAG CONTEXTS

Speaks as read_flagd.py does. The relay that hands the file on is a stub on loopback; the
engine that decides is GO Feature Flag's, and it is made anew for each file, because it
asks the relay again after seconds at the earliest.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gofeatureflag_python_provider.options import GoFeatureFlagOptions
from gofeatureflag_python_provider.provider import GoFeatureFlagProvider
from openfeature import api
from openfeature.evaluation_context import EvaluationContext

path, flag, contexts = sys.argv[1:]
with open(contexts) as file:
    contexts = [EvaluationContext(each.pop("targetingKey", None), each) for each in json.load(file)]


def read():
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b"{}"


class Relay(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b'{"flags":' + read() + b"}"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


relay = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
threading.Thread(target=relay.serve_forever, daemon=True).start()
last = None
while os.getppid() != 1:
    found = read()
    share = json.loads(found).get(flag, {}).get("metadata", {}).get("sharePercent")
    if share is None or share == last:
        time.sleep(0.02)
        continue
    last = share
    api.set_provider_and_wait(
        GoFeatureFlagProvider(
            options=GoFeatureFlagOptions(
                endpoint="http://127.0.0.1:%d" % relay.server_port,
                disable_data_collection=True,
                wasm_pool_size=1,
            )
        )
    )
    client = api.get_client()
    exposed = [n for n, context in enumerate(contexts) if client.get_boolean_value(flag, True, context)]
    print(json.dumps({"share": share, "exposed": exposed}), flush=True)
