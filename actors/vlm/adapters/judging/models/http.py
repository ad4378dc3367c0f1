"""HTTP as the models need it: answers of a bounded size, and words for what went wrong that hold no key."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Any

import httpx

from actors.vlm.ports import ModelError
from runtime.http import UnreadAnswer, bounded_client

__all__ = ["LARGEST", "LOST", "failed", "open_client", "plain", "reading", "refusal"]

LARGEST = 4 << 20
"""Bytes of an answer; a whole judgement has about 10 kB."""
LOST = (httpx.HTTPError, httpx.InvalidURL)
"""What comes of a request that was not sent, or whose answer is not whole."""
_SHAPE = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
"""What comes of reading an answer that is no JSON, or JSON of another shape."""
_BUSY = frozenset({429, 498, 503})
"""Too many requests; Groq's flex tier is full; so is the model, or Ollama's queue."""
_GONE = frozenset({"model_decommissioned", "model_not_found"})


@cache
def _trust() -> ssl.SSLContext:
    """Whom we trust; reading all the certificates takes a good part of a second."""
    return httpx.create_ssl_context()


@asynccontextmanager
async def open_client() -> AsyncIterator[httpx.AsyncClient]:
    """The client that all providers share."""
    async with bounded_client(LARGEST, verify=await asyncio.to_thread(_trust)) as client:
        yield client


def failed(provider: str, error: Exception) -> ModelError:
    """What became of a request without a whole answer. The error's own words may hold a key and are not repeated."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.UnsupportedProtocol | httpx.InvalidURL):
        return ModelError(f"{provider} cannot be reached", "down")
    if isinstance(error, httpx.LocalProtocolError):
        return ModelError(f"the key or the address of {provider} has a character that HTTP does not allow", "refused")
    if isinstance(error, UnreadAnswer):
        return ModelError(f"the answer of {provider} {error}", "down", lost=True)
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
    code = str(error.get("code"))
    if code == "insufficient_quota":
        return ModelError(what, "refused")
    if status in _BUSY:
        return ModelError(what, "busy", after=after)
    if status in {400, 404, 413, 422} or code in _GONE:
        return ModelError(what, "unfit")
    if status >= 500 or status in {408, 409, 425}:
        return ModelError(what, "down")
    return ModelError(what, "refused")


def plain(text: str, key: str = "") -> str:
    """One short line of what somebody else wrote, without the key."""
    text = text.replace(key, "…") if key else text
    text = " ".join(text.split())
    return text if len(text) <= 200 else f"{text[:199]}…"
