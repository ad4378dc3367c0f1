"""A small web server on this machine that behaves as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

__all__ = ["Site", "served"]

Page = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Site:
    """Pages by path: bytes with a media type, a status, a redirect, or a function that writes as it likes."""

    port: int = 0
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a page."""
        return f"http://{host}:{self.port}{path}"

    def file(self, path: str, body: bytes, content_type: str = "video/mp4") -> str:
        """Serve bytes."""

        async def page(writer: asyncio.StreamWriter) -> None:
            writer.write(_head(200, f"Content-Type: {content_type}", f"Content-Length: {len(body)}") + body)

        self.pages[path] = page
        return self.url(path)

    def status(self, path: str, code: int, *headers: str) -> str:
        """Answer with a status alone."""

        async def page(writer: asyncio.StreamWriter) -> None:
            writer.write(_head(code, "Content-Length: 0", *headers))

        self.pages[path] = page
        return self.url(path)

    def hang(self, path: str, first: bytes = b"") -> str:
        """Begin to answer and never go on."""

        async def page(writer: asyncio.StreamWriter) -> None:
            if first:
                writer.write(_head(200, "Content-Type: video/mp4", f"Content-Length: {len(first) + 10**6}") + first)
                await writer.drain()
            await asyncio.Event().wait()

        self.pages[path] = page
        return self.url(path)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one answer."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = request.split(" ", 2)[1]
            self.asked.append(path)
            if path in self.pages:
                await self.pages[path](writer)
            else:
                writer.write(_head(404, "Content-Length: 0"))
            await writer.drain()
        writer.close()


def _head(code: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {code} Told", *headers, "Connection: close", "", ""]).encode()


@asynccontextmanager
async def served() -> AsyncIterator[Site]:
    """A running site; hanging connections are cut at the end."""
    site = Site()
    connections: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(site.serve(reader, writer))
        connections.add(task)
        with suppress(asyncio.CancelledError):
            await task
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
