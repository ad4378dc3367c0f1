"""A child process of a test: which time-outs its connections have."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from actors.downloader.adapters.ytdlp import connect_within
from runtime.child import serve_child


def work(request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The time-outs that connections have, and that are left for what follows, for each one asked for."""
    seen: list[float | None] = []

    class Noted(socket.socket):
        def settimeout(self, value: float | None) -> None:
            seen.append(value)
            super().settimeout(value)

    connect_within(request["within"])
    with socket.create_server(("127.0.0.1", 0)) as server:
        for asked in request["asked"]:
            with Noted() as client:
                client.settimeout(asked)
                client.connect(server.getsockname())
    return {"timeouts": seen}


if __name__ == "__main__":
    serve_child(work)
