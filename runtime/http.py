"""HTTP clients whose answers cannot fill the memory: the makers' own clients, too, read every answer whole.

Imported where a client is made, because httpx takes a good part of a second.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx

__all__ = ["CONNECT_S", "UnreadAnswer", "bounded_client"]

CONNECT_S = 10.0
"""Seconds to reach a server."""


class UnreadAnswer(httpx.TransportError):
    """An answer that is not read; the message says how it is, as the end of a sentence about it."""


def bounded_client(largest: int, **options: Any) -> httpx.AsyncClient:
    """A client that reads answers of up to `largest` bytes, and raises `UnreadAnswer` for others.

    How long an answer may take is left to whoever asks, unless `options` (of `httpx.AsyncClient`) say it.
    """

    async def bound(response: httpx.Response) -> None:
        if response.headers.get("content-encoding", "").strip().lower() not in {"", "identity"}:
            raise UnreadAnswer("is in an encoding that was not asked for")
        response.stream = _Bounded(response.stream, largest)

    return httpx.AsyncClient(
        headers={"Accept-Encoding": "identity"},  # what is packed has no size that could be told before
        event_hooks={"response": [bound]},
        **{"timeout": httpx.Timeout(None, connect=CONNECT_S), **options},
    )


class _Bounded(httpx.AsyncByteStream):
    """The bytes of an answer, up to `largest` of them."""

    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream, largest: int) -> None:
        if not isinstance(stream, httpx.AsyncByteStream):
            raise TypeError("only answers to an asynchronous client can be bounded")
        self._stream, self._largest = stream, largest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > self._largest:
                raise UnreadAnswer(f"has more than {self._largest >> 20} MiB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
