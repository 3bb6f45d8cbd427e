"""What the add-on asks of Home Assistant's Supervisor, over its API."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Supervisor:
    """Answers whose service MQTT is; nobody's until `broker` is set."""

    token = "7f3c0a"

    def __init__(self) -> None:
        self.broker: dict[str, Any] | None = None
        self.asked: list[str] = []
        supervisor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                supervisor.asked.append(self.path)
                status, answer = supervisor.answer(self.path, self.headers.get("Authorization", ""))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def answer(self, path: str, authorization: str) -> tuple[int, dict[str, Any]]:
        """Return status and body."""
        if authorization != f"Bearer {self.token}":
            return 401, {"result": "error", "message": "Unauthorized"}
        if path != "/services/mqtt":
            return 403, {"result": "error", "message": "Forbidden"}
        if self.broker is None:
            return 400, {"result": "error", "message": "Service not enabled"}
        return 200, {"result": "ok", "data": self.broker}

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
