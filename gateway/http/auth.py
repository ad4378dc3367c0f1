"""Who may enter: one access token, on every path; and only requests that name this machine by its own names."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Collection
from http.cookies import CookieError, SimpleCookie
from math import ceil
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from gateway.http.limits import Limits
from gateway.http.problems import ProblemError, answer
from gateway.http.settings import GatewaySettings
from gateway.users.guesses import network_of
from gateway.users.principal import Principal
from runtime.errors import ConfigurationError
from runtime.files import write_atomically

__all__ = ["COOKIE", "MAX_BODY", "MAX_HEAD", "Guard", "check_exposure", "load_token", "told_length"]

Identify = Callable[[str], Awaitable[Principal | None]]

COOKIE = "clipwire_access_token"
# The bus takes messages of 1 MiB.
MAX_BODY = 1 << 20
# What comes in pieces h11 refuses at this size; what comes at once it has read whole before it looks.
MAX_HEAD = 16 << 10
_TOO_LARGE = f"the body is larger than {MAX_BODY} bytes"
_LONG_TEXTS = "Long texts belong into a file; a video goes to POST /api/v1/clips as multipart/form-data"
# What a browser opens by its address alone: pages, an EventSource, a <video>.
_BY_ADDRESS = re.compile(r"/docs|/asyncapi|/(?:openapi|asyncapi)\.json|/api/v1/events|/api/v1/renders/[^/]+/media")
_PAGES = frozenset({"/docs", "/asyncapi"})
_SOCKET = "/api/v1/ws"
_BEARER = "bearer."  # begins the subprotocol that a browser offers its token in: it can set no header of a WebSocket
# Where platforms send people back to: what they bring along opens nothing but the login that it belongs to.
_CALLBACK = re.compile(r"/api/v1/accounts/[a-z0-9_]{1,32}/callback")
# Where one gets a token.
_OPEN = re.compile(r"/api/v1/auth/(?:register|login|refresh|logout|password)")
# What a hub tells of a feed that was subscribed to: known by its id, and by the signature of what it holds.
_HOOK = re.compile(r"/hooks/youtube/[a-z0-9_]{1,64}")


def load_token(settings: GatewaySettings, home: Path) -> str:
    """The access token: from the settings, or from `home`, where it is made if there is none yet."""
    if settings.access_token is not None:
        return settings.access_token.get_secret_value()
    path = home / "access_token"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        write_atomically(path, secrets.token_urlsafe(32) + "\n", mode=0o600)
    token = path.read_text(encoding="utf-8").strip()
    if len(token) < 16:
        raise ConfigurationError(
            f"the access token in {path} is too short", advice="Delete the file; a new one is made"
        )
    return token


def check_exposure(settings: GatewaySettings) -> None:
    """Raises `ConfigurationError` when other machines could reach the door and no setting says that they may."""
    host = settings.http_host
    loopback = host in {"localhost", "::1"} or host.startswith("127.")
    if not loopback and not settings.http_expose:
        raise ConfigurationError(
            f"CLIPWIRE_HTTP_HOST is {host!r}, which other machines can reach",
            advice="Use 127.0.0.1, or set CLIPWIRE_HTTP_EXPOSE=true and put TLS in front of it",
        )


class Guard:
    """ASGI middleware around everything, documentation, health and metrics included. Whom it lets in is told to the
    routes as `scope["principal"]`; of a WebSocket, which has no 429, also how long to wait: `scope["waits"]`.

    `identify`: who has a token that was offered; none: nobody. `origins`: other sites whose pages may open the socket.
    `user_rate`, `address_rate`: requests a second that a user, and an address without a good token, may send for long.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        identify: Identify,
        hosts: Collection[str],
        origins: Collection[str] = (),
        user_rate: float = 50.0,
        address_rate: float = 5.0,
    ) -> None:
        self.app = app
        self._identify = identify
        self._limits = Limits()
        self._user_rate, self._address_rate = user_rate, address_rate
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may enter; answer the rest with a problem document."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            may = await self._may_connect(scope)
            scope["waits"] = self._waits(scope)
            await (self.app if may else WebSocketClose(code=1008))(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if _head_size(scope) > MAX_HEAD:
            await answer(431, f"the head is larger than {MAX_HEAD} bytes", advice=_LONG_TEXTS)(scope, receive, send)
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if _host_name(headers.get("host", "")) not in self._hosts:
            refusal = answer(
                421,
                "this host name is not one of this server's",
                advice="Ask it as localhost, or add the name to CLIPWIRE_HTTP_ALLOWED_HOSTS",
            )
            await refusal(scope, receive, send)
            return
        offered = _offered(scope, headers, query)
        enters = await self._may_enter(scope, offered)
        if waits := self._waits(scope):
            refusal = answer(
                429,
                "too many requests",
                headers={"Retry-After": str(ceil(waits))},
                advice="Ask less often; CLIPWIRE_USER_RATE and CLIPWIRE_ADDRESS_RATE say how often one may",
            )
            await refusal(scope, receive, send)
        elif not enters:
            refusal = answer(
                401,
                "the access token is missing or wrong",
                headers={"WWW-Authenticate": 'Bearer realm="clipwire"'},
                advice=_way_in(offered),
            )
            await refusal(scope, receive, send)
        elif scope["path"] in _PAGES and any(name == "access_token" for name, _ in query):
            await self._take_into_cookie(scope, query)(scope, receive, send)
        elif _is_upload(scope, headers):
            await self.app(scope, receive, send)
        elif told_length(headers) > MAX_BODY:
            await answer(413, _TOO_LARGE, advice=_LONG_TEXTS)(scope, receive, send)
        else:
            await self.app(scope, _limited(receive), send)

    async def _may_enter(self, scope: Scope, offered: list[str]) -> bool:
        method, path = scope["method"], scope["path"]
        if (method == "GET" and _CALLBACK.fullmatch(path)) or (method in {"GET", "POST"} and _HOOK.fullmatch(path)):
            return True
        for value in offered:
            scope["principal"] = await self._identify(value)
            if scope["principal"] is not None:
                scope["token"] = value
                return True
        return method == "POST" and _OPEN.fullmatch(path) is not None

    def _waits(self, scope: Scope) -> float:
        """Seconds to wait before this request may come; 0: it may."""
        principal: Principal | None = scope.get("principal")
        if principal is None:
            address = scope["client"][0] if scope.get("client") else ""
            return self._limits.take(network_of(address), self._address_rate)
        return 0.0 if principal.user is None else self._limits.take(principal.user.id, self._user_rate)

    async def _may_connect(self, scope: Scope) -> bool:
        """A handshake is refused that another site's page begins, or that brings a wrong token. One without a token is
        let through: the socket waits for it as the first message. No cookie opens it.
        """
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if _head_size(scope) > MAX_HEAD or scope["path"] != _SOCKET or _host_name(host) not in self._hosts:
            return False
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower() and origin not in self._origins:
            return False
        kind, _, value = headers.get("authorization", "").partition(" ")
        offered = [value.strip()] if kind.lower() == "bearer" else []
        offered += [name.removeprefix(_BEARER) for name in scope["subprotocols"] if name.startswith(_BEARER)]
        if offered:
            scope["principal"] = await self._identify(offered[0])
        return not offered or scope["principal"] is not None

    @staticmethod
    def _take_into_cookie(scope: Scope, query: list[tuple[str, str]]) -> RedirectResponse:
        """A page's token, if it is good, leaves the address bar for a cookie that no script can read."""
        path, token = scope["path"], scope["token"]
        rest = urlencode([(name, value) for name, value in query if name != "access_token"])
        response = RedirectResponse(f"{path}?{rest}" if rest else path, 303)
        if ("access_token", token) in query:
            secure = scope["scheme"] == "https"
            response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")
        return response


def _offered(scope: Scope, headers: Headers, query: list[tuple[str, str]]) -> list[str]:
    """The tokens that a request brings."""
    method, offered = scope["method"], []
    if method in {"GET", "HEAD"} and _BY_ADDRESS.fullmatch(scope["path"]):
        offered += [value for name, value in query if name == "access_token"]
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        offered.append(value.strip())
    # A cookie travels with requests that other sites cause, so it opens nothing that changes anything.
    if method in {"GET", "HEAD"} and (cookie := _cookie(headers.get("cookie", ""))):
        offered.append(cookie)
    return offered


def _way_in(offered: list[str]) -> str:
    """What helps whoever brought these tokens, by their form, as none of them is good."""
    if any(value.count(".") == 2 for value in offered):
        return "The login has ended: send its refresh_token to POST /api/v1/auth/refresh, or log in again"
    if any(value.startswith("cwt_") for value in offered):
        return "The API token has run out, was ended, or is not whole: make another one (POST /api/v1/users/me/tokens)"
    return (
        "Send `Authorization: Bearer <token>`: users get one from POST /api/v1/auth/login; the operator's is in the "
        "file access_token in CLIPWIRE_HOME"
    )


def _cookie(header: str) -> str | None:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _host_name(header: str) -> str:
    """Without port and brackets."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


def _head_size(scope: Scope) -> int:
    """Bytes of the request line and the headers, without `HTTP/1.1` and what need not be there."""
    line = len(scope.get("raw_path", b"")) + len(scope.get("query_string", b""))
    return line + sum(len(name) + len(value) + len(": \r\n") for name, value in scope["headers"])


def _is_upload(scope: Scope, headers: Headers) -> bool:
    """The one body that may be large: it is counted where it is stored."""
    form = headers.get("content-type", "").lower().startswith("multipart/form-data")
    return form and scope["method"] == "POST" and scope["path"] == "/api/v1/clips"


def told_length(headers: Headers) -> int:
    """Bytes of the body, as `Content-Length` says; 0: it does not."""
    told = headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 20 else 0


def _limited(receive: Receive) -> Receive:
    """Refuse a body beyond `MAX_BODY` that did not tell its length."""
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            raise ProblemError(413, _TOO_LARGE, advice=_LONG_TEXTS)
        return message

    return take
