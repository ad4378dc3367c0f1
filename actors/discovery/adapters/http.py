"""HTTP as the sources need it: bounded answers, patience with busy servers, and words for what went wrong."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx

from actors.discovery.ports import SourceError
from runtime.replies import retry_after

__all__ = ["Answer", "Params", "get", "is_busy", "json_object", "open_client"]

Params = Mapping[str, str | int | Sequence[str]]
_LARGEST = 16 << 20
_ATTEMPTS = 4
_CONNECT_S = 10.0


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, read whole. `retry_after`: seconds that the server asks to wait, if it does."""

    status: int
    body: bytes
    content_type: str = ""
    retry_after: float | None = None
    location: str = ""


@asynccontextmanager
async def open_client(*, patience_s: float) -> AsyncIterator[httpx.AsyncClient]:
    """The client that all sources share. Redirects are not followed: an API that moves is a setting to correct."""
    # httpx logs every address at INFO with its query, in which some APIs expect their key.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        release = version("clipwire")
    except PackageNotFoundError:  # run from a source tree that is not installed
        release = "0"
    agent = f"clipwire/{release} (+https://clipwire.dev; self-hosted video discovery)"
    timeout = httpx.Timeout(patience_s, connect=min(_CONNECT_S, patience_s))
    async with httpx.AsyncClient(
        headers={"User-Agent": agent, "Accept": "application/json"}, timeout=timeout
    ) as client:
        yield client


def is_busy(answer: Answer) -> bool:
    """Whether the same request may work soon: too many requests, or a fault of the server (RFC 9110 and 6585)."""
    return answer.status == 429 or answer.status in {500, 502, 503, 504}


async def get(
    client: httpx.AsyncClient,
    url: str,
    params: Params,
    *,
    service: str,
    until: float,
    again: Callable[[Answer], bool] = is_busy,
) -> Answer:
    """GET `url`, again while `again` says so and the wait ends before `until` (time of the event loop).

    The wait is the server's `Retry-After`, else 1, 2, 4 seconds. Returns the last answer, whatever its status. Raises
    `SourceError` if there is none, `TimeoutError` if it does not come.
    """
    clock = asyncio.get_running_loop().time
    attempt = 0
    while True:
        attempt += 1
        answer = await _once(client, url, params, service)
        wait = float(2 ** (attempt - 1)) if answer.retry_after is None else answer.retry_after
        if not again(answer) or attempt == _ATTEMPTS or clock() + wait >= until:
            return answer
        await asyncio.sleep(wait)


def json_object(answer: Answer, *, service: str) -> dict[str, Any]:
    """The JSON object in an answer. Raises `SourceError` with what is there instead."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        # Its beginning is not shown: pages of proxies repeat the address, and with it a key.
        kind = f" but {answer.content_type}" if answer.content_type and "json" not in answer.content_type else ""
        raise SourceError(
            f"{service} answered HTTP {answer.status} with {len(answer.body)} bytes that are no whole JSON{kind}",
            advice=f"Scan again later; if it stays so, check the address in CLIPWIRE_{service_setting(service)}",
        ) from None
    if not isinstance(value, dict):
        raise SourceError(
            f"{service} answered with a JSON {type(value).__name__} where an object was expected",
            advice=f"Check the address in CLIPWIRE_{service_setting(service)}",
        )
    return value


def service_setting(service: str) -> str:
    """`archive.org` has its address in `ARCHIVE_ORG_BASE_URL`."""
    return service.upper().replace(".", "_").replace(" ", "_") + "_BASE_URL"


async def _once(client: httpx.AsyncClient, url: str, params: Params, service: str) -> Answer:
    try:
        async with client.stream("GET", url, params=params) as response:
            return Answer(
                status=response.status_code,
                body=await _bounded(response, service),
                content_type=response.headers.get("content-type", ""),
                retry_after=retry_after(response.headers),
                location=response.headers.get("location", ""),
            )
    except (httpx.ConnectTimeout, httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise SourceError(
            f"{service} cannot be reached ({type(error).__name__})",
            advice=f"Check the network, the proxy and CLIPWIRE_{service_setting(service)}",
        ) from None
    except httpx.TimeoutException:
        raise TimeoutError from None
    except httpx.HTTPError as error:
        raise SourceError(
            f"the answer of {service} broke off ({type(error).__name__})", advice="Scan again later"
        ) from None


async def _bounded(response: httpx.Response, service: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _LARGEST:
            raise SourceError(
                f"{service} sent more than {_LARGEST >> 20} MB for one page", advice="Scan with a smaller limit"
            )
    return bytes(body)
