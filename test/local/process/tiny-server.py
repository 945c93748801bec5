"""A model server in the standard library alone: answers every GET with what it was started with."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

if os.path.exists("die-at-once"):
    sys.exit("the model has no weights")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        facts = {"instance": os.environ["BAKEOFF_INSTANCE"], "environment": dict(os.environ), "cwd": os.getcwd(), "pid": os.getpid()}
        self.wfile.write(json.dumps({**facts, "path": sys.path, "cores": len(os.sched_getaffinity(0))}).encode())


HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
