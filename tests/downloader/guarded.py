"""A child process that is guarded but for one address, and lets yt-dlp ask for what is there. For `test_guard.py`."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

from actors.downloader.adapters.guard import Guard
from runtime.child import serve_child


def work(request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Fetch all `urls` with only `open` (an address) let through; `names`: the addresses of every name, in turn."""
    guard = Guard(allow_private=False, proxy=request["open"], programs=["node"])
    guard.install()
    if request.get("names"):
        _resolve(iter(request["names"]))
    bodies = [_fetched(url, request.get("folder")) for url in request["urls"]]
    return {"bodies": bodies, "refused": guard.refused, "program": _program(), "datagram": _datagram()}


def _fetched(url: str, folder: str | None) -> str | None:
    """What is at the address, or downloaded into `folder` from it; None where it cannot be had."""
    from yt_dlp import YoutubeDL
    from yt_dlp.networking.exceptions import RequestError
    from yt_dlp.utils import YoutubeDLError

    options = {"quiet": True, "proxy": "", "retries": 0, "fragment_retries": 0, "extractor_retries": 0, "logger": None}
    if folder is not None:
        options |= {"outtmpl": f"{folder}/media.%(ext)s", "skip_unavailable_fragments": False, "ignoreerrors": True}
        with YoutubeDL(options) as ydl:
            return "downloaded" if ydl.download([url]) == 0 else None
    try:
        with YoutubeDL(options).urlopen(url) as response:
            return str(response.read().decode())
    except (RequestError, YoutubeDLError, ValueError):
        return None


def _resolve(answers: Iterator[str]) -> None:
    """This child's resolver: every name has the next of the answers."""
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        return real(next(answers), port, *args, **options)

    socket.getaddrinfo = look_up


def _program() -> str:
    import subprocess

    try:
        subprocess.run(["/bin/true"], check=True)
    except PermissionError as error:
        return str(error)
    return ""


def _datagram() -> str:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
    except PermissionError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    serve_child(work)
