"""Whom a request comes from, where a proxy stands before the door: what it says of the client, if it is an address."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

__all__ = ["Forwarded"]


class Forwarded:
    """ASGI middleware: believes `X-Forwarded-For` and `X-Forwarded-Proto` of these proxies, and of nobody else.

    A client that is told as no IP address counts as not told: it is that of the connection, the proxy's. What stands
    before it in the header is not looked at then, as the client may have made that up.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self._app = app
        checked: Any = self._checked  # uvicorn has types of its own for the same calls
        self._told: Any = ProxyHeadersMiddleware(checked, list(proxies))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        scope["connected"] = scope.get("client")
        await self._told(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("client") != scope["connected"] and not _is_address(scope["client"][0]):
            scope["client"] = scope["connected"]
        await self._app(scope, receive, send)


def _is_address(told: str) -> bool:
    """Without a zone (`fe80::1%eth0`), which may be any text and says nothing to another machine."""
    try:
        ip_address(told)
    except ValueError:
        return False
    return "%" not in told
