"""HTTP as the models need it: answers of a bounded size, and words for what went wrong that hold no key."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Any

import httpx

from actors.vlm.ports import ModelError

__all__ = ["LARGEST", "LOST", "failed", "fault_of", "open_client", "plain", "reading", "refusal", "seconds_of"]

LARGEST = 4 << 20
"""Bytes of an answer; a whole judgement has about 10 kB."""
LOST = (httpx.HTTPError, httpx.InvalidURL)
"""What comes of a request that was not sent, or whose answer is not whole."""
_SHAPE = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
"""What comes of reading an answer that is no JSON, or JSON of another shape."""
_CONNECT_S = 10.0
_GONE = frozenset({"model_decommissioned", "model_not_found"})
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")


class _TooLargeError(httpx.TransportError):
    """The answer is larger than `LARGEST`."""


class _PackedError(httpx.TransportError):
    """The answer is packed although that was not asked for; unpacked it might fill the memory."""


class _Bounded(httpx.AsyncByteStream):
    """The bytes of an answer, up to `LARGEST` of them."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > LARGEST:
                raise _TooLargeError("too large")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx.Response) -> None:
    """So that no answer fills the memory: the makers' own clients read every answer whole."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise _PackedError("packed")
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101  # an async client has no other
    response.stream = _Bounded(response.stream)


@cache
def _trust() -> ssl.SSLContext:
    """Whom we trust; reading all the certificates takes a good part of a second."""
    return httpx.create_ssl_context()


@asynccontextmanager
async def open_client() -> AsyncIterator[httpx.AsyncClient]:
    """The client that all providers share. How long an answer may take is decided by who asks."""
    async with httpx.AsyncClient(
        verify=await asyncio.to_thread(_trust),
        timeout=httpx.Timeout(None, connect=_CONNECT_S),
        headers={"Accept-Encoding": "identity"},  # what is packed has no size that could be told before
        event_hooks={"response": [_bound]},
    ) as client:
        yield client


def failed(provider: str, error: Exception) -> ModelError:
    """What became of a request without a whole answer. The error's own words may hold a key and are not repeated."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.UnsupportedProtocol | httpx.InvalidURL):
        return ModelError(f"{provider} cannot be reached", "down")
    if isinstance(error, httpx.LocalProtocolError):
        return ModelError(f"the key or the address of {provider} has a character that HTTP does not allow", "refused")
    if isinstance(error, _PackedError):
        return ModelError(f"{provider} answered in an encoding that was not asked for", "down", lost=True)
    if isinstance(error, _TooLargeError):
        return ModelError(f"{provider} answered with more than {LARGEST >> 20} MiB", "down", lost=True)
    if isinstance(error, httpx.TimeoutException):
        return ModelError(f"{provider} did not answer in time", "slow", lost=True)
    if isinstance(error, httpx.HTTPError):
        return ModelError(f"{provider} cut the connection", "down", lost=True)
    return ModelError(f"{provider} answered with what is no whole JSON of its kind", "down", lost=True)


@contextmanager
def reading(provider: str) -> Iterator[None]:
    """Around the reading of an answer, and nothing else: one of another shape becomes a `ModelError`."""
    try:
        yield
    except _SHAPE as error:
        raise failed(provider, error) from None


def refusal(
    provider: str, status: int, error: Mapping[str, Any], *, key: str = "", after: float | None = None
) -> ModelError:
    """What an HTTP status means. `error`: what stands under `error` in the answer. `after`: seconds it asks to wait."""
    said = plain(str(error.get("message") or ""), key)
    what = f"{provider} answered HTTP {status}" + (f" ({said})" if said else "")
    if status == 429 or (status == 503 and after is not None):
        return ModelError(what, "busy", after=after)
    if status in {400, 404, 413, 422} or str(error.get("code")) in _GONE:
        return ModelError(what, "unfit")
    if status >= 500 or status in {408, 409, 425}:
        return ModelError(what, "down")
    return ModelError(what, "refused")


def fault_of(response: httpx.Response) -> dict[str, Any]:
    """What stands under `error` in an answer, as an object with a `message`; empty where nothing does."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return {}
    fault = body.get("error") if isinstance(body, dict) else None
    return fault if isinstance(fault, dict) else {"message": fault or ""}


def plain(text: str, key: str = "") -> str:
    """One short line of what somebody else wrote, without the key."""
    text = text.replace(key, "…") if key else text
    text = " ".join(text.split())
    return text if len(text) <= 200 else f"{text[:199]}…"


def seconds_of(text: str | None) -> float | None:
    """Seconds from `27`, `27s`, `2m59.56s`, `350ms`; none for what is no such time."""
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        parts = _DURATION.findall(text)
        return sum(float(number) * _UNIT_S[unit] for number, unit in parts) if parts else None
