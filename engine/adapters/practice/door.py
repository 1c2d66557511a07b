"""The door of the practice chain: JSON-RPC over HTTP on this machine's loopback, for who knows the token in its path.

A page in a browser can send requests to loopback addresses too. It does not know the token; and a request with
another Host, or whose content is not declared as JSON, is refused before it is read.
"""

from __future__ import annotations

import hmac
import logging
import socket
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOST_BYTES = 2_000_000
"""Of a request's body: a contract's creation is some 50 kB, a batch of two hundred calls some 500 kB."""
IDLE_S = 120.0
_log = logging.getLogger(__name__)


class Door(ThreadingHTTPServer):
    """Listens on a free port (or a given one); `url` is where it is reached."""

    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"  # there it would let another program listen on the same port
    request_queue_size = 64

    def __init__(self, answer: Callable[[bytes], bytes], token: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Visit)
        self.answer, self.token = answer, token

    @property
    def url(self) -> str:
        """Return the address with the token."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say in the log that a visit ended badly (the client went away), not on the screen."""
        _log.debug("a visit ended early", exc_info=True)


class _Visit(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "crs-practice", ""
    timeout = IDLE_S
    server: Door

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self) -> None:
        """Answer a request."""
        problem = self._problem()
        if problem is not None:
            self.close_connection = True  # what was not read would be taken for the next request
            self._reply(problem, b"", "text/plain")
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = self.server.answer(body)
        self._reply(HTTPStatus.OK if told else HTTPStatus.NO_CONTENT, told, "application/json")

    def _problem(self) -> HTTPStatus | None:
        port = self.server.server_port
        if self.headers.get("Host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            return HTTPStatus.MISDIRECTED_REQUEST
        if not hmac.compare_digest(self.path.encode(), f"/{self.server.token}".encode()):
            return HTTPStatus.NOT_FOUND
        if self.headers.get_content_type() != "application/json":
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            return HTTPStatus.LENGTH_REQUIRED
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if int(length) > MOST_BYTES else None

    def _reply(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing: the path holds the token."""
