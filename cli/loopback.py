"""A listener on 127.0.0.1 for the one request with which a platform sends a person back (RFC 8252, 7.3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from html import escape
from urllib.parse import parse_qsl, urlsplit

from cli.output import CliError

__all__ = ["Back", "loopback"]

Back = Callable[[dict[str, str]], Awaitable[str]]
"""Is given the query that the person brings back; what they are told in their browser."""
_PATH = "/callback"
_LONGEST = 64 << 10


@asynccontextmanager
async def loopback(port: int, back: Back) -> AsyncIterator[str]:
    """The address to send people back to, for as long as the block lasts. `port` 0: any free one."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = (await asyncio.wait_for(reader.readline(), 10)).decode("latin-1")
            method, _, rest = line.partition(" ")
            target = urlsplit(rest.partition(" ")[0])
            if (method, target.path) == ("GET", _PATH) and target.query:
                status, words = "200 OK", await back(dict(parse_qsl(target.query, keep_blank_values=True)))
            else:
                status, words = "404 Not Found", "There is nothing here."
            writer.write(_answer(status, words))
            await writer.drain()
        except (OSError, TimeoutError, ValueError, asyncio.LimitOverrunError):
            pass  # whoever connected went away, or speaks no HTTP: the person's browser comes another time
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(serve, "127.0.0.1", port, limit=_LONGEST)
    except OSError as error:
        raise CliError(
            f"the port {port} of 127.0.0.1 is taken ({error.strerror})", advice="Choose another --port", code=2
        ) from None
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{_PATH}"


def _answer(status: str, words: str) -> bytes:
    page = f'<!doctype html><meta charset="utf-8"><title>Clipwire</title><p>{escape(words)}</p>'.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n"
        "Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + page
