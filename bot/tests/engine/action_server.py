"""An action server for the tests, whose replies a test chooses."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class ActionServer(ThreadingHTTPServer):
    """Answer every action with `reply`, and a status other than 200 with the call itself."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []
        self.reply: dict[str, Any] | None = None
        self.status = 200
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webhook"


class Handler(BaseHTTPRequestHandler):
    server: ActionServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        call = json.loads(body)
        self.server.calls.append(call)
        self.server.authorizations.append(self.headers["Authorization"])
        echo = {"events": [], "responses": [{"text": "echo"}]}
        answer: Any = self.server.reply or echo
        if self.server.status != 200:
            answer = call
        payload = json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
