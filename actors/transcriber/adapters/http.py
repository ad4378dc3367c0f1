"""HTTP as transcription services need it: answers of a bounded size, and no connection that is left open.

Imported in a thread, because httpx and its certificates take a good part of a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

import httpx

from actors.transcriber.adapters.asking import BadReplyError

__all__ = ["new_client", "sent"]

_LARGEST_MB = 16  # of an answer; the words of ten minutes have about 300 kB
_CONNECT_S = 10.0

T = TypeVar("T")


class _Bounded(httpx.AsyncByteStream):
    """The bytes of an answer, up to `_LARGEST_MB` MiB."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > _LARGEST_MB << 20:
                raise BadReplyError(f"is larger than {_LARGEST_MB} MiB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx.Response) -> None:
    """So that no answer fills the memory: it is read whole, by us and by the makers' own clients."""
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    if packed not in {"", "identity"}:
        raise BadReplyError(f"is packed ({packed[:40]}), though that was not asked for")
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101  # an async client has no other
    response.stream = _Bounded(response.stream)


def new_client() -> httpx.AsyncClient:
    """A client for as long as the process lives. How long an answer may take is decided by who asks."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return httpx.AsyncClient(
        timeout=httpx.Timeout(None, connect=_CONNECT_S),
        headers={"Accept-Encoding": "identity"},  # what is packed has no size that could be told before
        limits=httpx.Limits(max_keepalive_connections=0),  # nobody closes the client
        event_hooks={"response": [_bound]},
    )


async def sent(answer: Awaitable[T], timeout_s: float) -> T:
    """The answer to a request, if it is whole within `timeout_s`. Raises `OSError`; see `Service.ask`."""
    try:
        async with asyncio.timeout(timeout_s):
            return await answer
    except httpx.ConnectTimeout:
        raise TimeoutError(f"cannot be reached within {_CONNECT_S:g} s") from None
    except (TimeoutError, httpx.TimeoutException):
        raise TimeoutError(f"did not answer within {timeout_s:g} s") from None
    except httpx.ConnectError:
        raise ConnectionRefusedError("cannot be reached") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConnectionError(f"cannot be reached, or broke off ({type(error).__name__})") from None
