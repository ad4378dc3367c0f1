"""A child process that is guarded but for one address, and asks yt-dlp for what is there. For `test_guard.py`."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from actors.downloader.adapters.guard import Guard
from runtime.children import serve_child


def work(request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Fetch `url` with only `open` (an address) let through."""
    import subprocess

    from yt_dlp import YoutubeDL
    from yt_dlp.networking.exceptions import RequestError

    guard = Guard(allow_private=False, proxy=request["open"], programs=["node"])
    guard.install()
    outcome = {}
    try:
        with YoutubeDL({"quiet": True, "proxy": ""}).urlopen(request["url"]) as response:
            outcome["body"] = response.read().decode()
    except RequestError as error:
        outcome["error"] = type(error).__name__
    try:
        subprocess.run(["/bin/true"], check=True)
    except PermissionError as error:
        outcome["program"] = str(error)
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
    except PermissionError as error:
        outcome["datagram"] = str(error)
    return {**outcome, "refused": guard.refused}


if __name__ == "__main__":
    serve_child(work)
