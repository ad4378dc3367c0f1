"""A small HTTP server on 127.0.0.1 for as long as a test needs it; what it answers is the test's own."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Handler", "answering"]


class Handler(BaseHTTPRequestHandler):
    """Derive from it, for every server anew, and define `do_GET` and its like."""

    disable_nagle_algorithm = True  # else each answer, written in two, waits for an acknowledgement: 40 ms
    over: threading.Event
    """Set when the server ends."""

    def body(self) -> bytes:
        """What came with the request."""
        return self.rfile.read(int(self.headers["Content-Length"]))

    def tell(
        self, body: bytes = b"", status: int = 200, headers: Mapping[str, str] | None = None, *, cut: int | None = None
    ) -> None:
        """Answer with JSON, if `headers` name nothing else. `cut`: no more than so many bytes of the body come."""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # nobody listens any more
            self.wfile.write(body[:cut])

    def hang(self) -> None:
        """Answer nothing until the server ends."""
        self.over.wait(30)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault of the server; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def answering(handler: type[Handler]) -> Iterator[str]:
    """The address of a server, until the block ends."""
    handler.over = threading.Event()
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        handler.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
