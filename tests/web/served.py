"""The reader in JavaScript as another site would serve it: its files as they are, below a page that imports them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests import databases

PAGE = b'<!doctype html><html lang="en"><title>Vectors</title><link rel="icon" href="data:,">'
FOLDERS = ("questionnaires/javascript/", "tests/node/")


class _Handler(BaseHTTPRequestHandler):
    """Modules of the two folders, and a page that may run nothing else."""

    def do_GET(self) -> None:
        path = self.path.lstrip("/")
        if path == "":
            self._send(PAGE, "text/html; charset=utf-8")
        elif path.startswith(FOLDERS) and path.endswith((".js", ".mjs")) and ".." not in path:
            self._send((databases.ROOT / path).read_bytes(), "text/javascript; charset=utf-8")
        else:
            self.send_error(404)

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.send_header("content-security-policy", "default-src 'none'; script-src 'self'; img-src data:")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads the log."""


@contextmanager
def serve() -> Iterator[str]:
    """The origin of the page."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
