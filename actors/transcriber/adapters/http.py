"""HTTP as transcription services need it: answers of a bounded size, and no connection that is left open.

Imported in a thread, because httpx and its certificates take a good part of a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

import httpx

from actors.transcriber.adapters.asking import BadReplyError
from runtime.http import CONNECT_S, UnreadAnswer, bounded_client

__all__ = ["new_client", "sent"]

_LARGEST = 16 << 20  # bytes of an answer; the words of ten minutes have about 300 kB

T = TypeVar("T")


def new_client() -> httpx.AsyncClient:
    """A client for as long as the process lives, which nobody closes."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return bounded_client(_LARGEST, limits=httpx.Limits(max_keepalive_connections=0))


async def sent(answer: Awaitable[T], timeout_s: float) -> T:
    """The answer to a request, if it is whole within `timeout_s`. Raises what `Service.ask` does."""
    try:
        async with asyncio.timeout(timeout_s):
            return await answer
    except UnreadAnswer as error:
        raise BadReplyError(str(error)) from None
    except httpx.ConnectTimeout:
        raise TimeoutError(f"cannot be reached within {CONNECT_S:g} s") from None
    except (TimeoutError, httpx.TimeoutException):
        raise TimeoutError(f"did not answer within {timeout_s:g} s") from None
    except httpx.ConnectError:
        raise ConnectionRefusedError("cannot be reached") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConnectionError(f"cannot be reached, or broke off ({type(error).__name__})") from None
