"""Takes POST requests on loopback, answers 200 and prints each as a line of JSON."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer

from parent import end_with_parent


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
        headers = {name.lower(): value for name, value in self.headers.items()}
        print(json.dumps({"path": self.path, "headers": headers, "body": body.decode()}), flush=True)

    def log_message(self, *arguments):
        pass


end_with_parent()
server = HTTPServer(("127.0.0.1", 0), Receiver)
print("ready", server.server_port, flush=True)
server.serve_forever()
