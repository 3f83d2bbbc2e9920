"""A receiver of webhooks that fails three times in ten, as the real ones do: half of the time before it has taken
the notice (503), half after it (the answer is lost). Prints its port; GET / says what it has seen."""

import collections
import http.server
import json
import random
import threading

chance = random.Random(20261121)
lock = threading.Lock()
seen = collections.Counter()
asked = 0


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global asked
        self.rfile.read(int(self.headers.get("content-length", 0)))
        with lock:
            asked += 1
            fate = chance.random()
            if fate >= 0.15:
                seen[self.headers["webhook-id"]] += 1
        if fate < 0.15:
            self.answer(503, b"busy")
        elif fate < 0.30:
            self.close_connection = True
        else:
            self.answer(200, b"ok")

    def do_GET(self):
        with lock:
            counts = {"asked": asked, "notices": len(seen), "taken": sum(seen.values())}
        self.answer(200, json.dumps(counts).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
