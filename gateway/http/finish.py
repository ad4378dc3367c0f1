"""The last thing that happens to an answer: security headers, ETags and 304, gzip. Streams pass as they come.

The validator of a JSON answer is weak (RFC 9110, section 8.8.1): it is made of the content, which may travel packed.
The files of a short bring strong ones of their own.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Finish", "accepts_gzip", "matches"]

_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_PACKED = ("application/json", "application/problem+json", "text/html", "text/plain")
_LEAST = 1024  # bytes; what fits into one packet is not worth packing
_IN_A_THREAD = 64 * 1024
_LEVEL = 4
_GZIP = re.compile(r"(?:^|,)\s*(gzip|x-gzip|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*(?=,|$)", re.IGNORECASE)


class Finish:
    """ASGI middleware. It holds an answer back only until it knows whether more than one piece comes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the module's docstring."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun: Message | None = None

        async def finish(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in _SECURITY.items():
                    headers.setdefault(name, value)
                if _is_text(headers) and "content-encoding" not in headers:
                    begun = message
                    return
                headers.setdefault("Cache-Control", "no-store")
            elif begun is not None:
                start, begun = begun, None
                if not message.get("more_body"):
                    await _whole(scope, start, message)
                await send(start)
            await send(message)

        await self.app(scope, receive, finish)


async def _whole(scope: Scope, start: Message, message: Message) -> None:
    """Change an answer that is all there."""
    headers, asked = MutableHeaders(raw=start["headers"]), Headers(scope=scope)
    body: bytes = message.get("body", b"")
    kept = headers.get("cache-control") != "no-store"
    headers.setdefault("Cache-Control", "private, no-cache" if start["status"] == 200 else "no-store")
    if start["status"] == 200 and kept and scope["method"] in {"GET", "HEAD"}:
        headers["ETag"] = etag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
        if matches(asked.get("if-none-match"), etag):
            start["status"], message["body"] = 304, b""
            del headers["content-length"], headers["content-type"]
            return
    # What is kept by nobody may hold a secret, and the size of packed secrets tells of them (the BREACH attack).
    if kept and len(body) >= _LEAST:
        headers.add_vary_header("Accept-Encoding")
        if accepts_gzip(asked.get("accept-encoding", "")):
            large = len(body) > _IN_A_THREAD
            packed = await asyncio.to_thread(_pack, body) if large else _pack(body)
            message["body"] = packed
            headers["Content-Encoding"], headers["Content-Length"] = "gzip", str(len(packed))


def _is_text(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() in _PACKED


def _pack(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)


def accepts_gzip(header: str) -> bool:
    """Whether `Accept-Encoding` allows gzip (RFC 9110, section 12.5.3): what is named counts more than `*`."""
    told = {name.lower().removeprefix("x-"): float(weight or 1) for name, weight in _GZIP.findall(header)}
    return told.get("gzip", told.get("*", 0.0)) > 0


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether one of the client's validators is this one, compared weakly (RFC 9110, section 13.1.2)."""
    if if_none_match is None:
        return False
    told = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in told or etag.removeprefix("W/") in told
