"""What the servers of Instagram and Facebook share: tokens, errors as the Graph API writes them, rupload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply

__all__ = ["VERSION", "GraphServer", "error"]

VERSION = "v26.0"
REDIRECT = "https://clipwire.example/connect"


def error(code: int, subcode: int = 0, *, status: int = 400, message: str = "No", **more: Any) -> Reply:
    fault = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1", **more}
    return json_reply({"error": fault | ({"error_subcode": subcode} if subcode else {})}, status)


class GraphServer(PlatformServer):
    """`token`: the one that is taken. `refuses`: answers that requests beginning so get first, oldest first, after so
    many of them `passed`."""

    def __init__(self, token: str, upload: str) -> None:
        super().__init__()
        self.token = token
        self.bytes: dict[str, bytearray] = {}
        self.sizes: dict[str, int] = {}
        self.refuses: list[tuple[str, Reply]] = []
        self.passed: dict[str, int] = {}
        self._ids = 17_900_000
        self._upload = upload
        self.on("POST", rf"/{upload}/{VERSION}/(\d+)", self._receive, partial=True)

    def graph(self, method: str, pattern: str, route: Callable[..., Reply]) -> None:
        """A route of the versioned API, for who has the token."""

        def guarded(request: Request, *caught: str) -> Reply:
            if request.headers.get("authorization") != f"Bearer {self.token}":
                return error(190, 463, message="Error validating access token: Session has expired")
            return self._first(request) or route(request, *caught)

        self.on(method, f"/{VERSION}/{pattern}", guarded)

    def new_id(self) -> str:
        self._ids += 1
        return str(self._ids)

    def upload_url(self, ident: str) -> str:
        return f"{self.url}/{self._upload}/{VERSION}/{ident}"

    def whole(self, ident: str) -> bool:
        return len(self.bytes[ident]) == self.sizes.get(ident)

    def _first(self, request: Request) -> Reply | None:
        for place, (where, reply) in enumerate(self.refuses):
            if f"{request.method} {request.path}".startswith(where):
                self.passed[where] = self.passed.get(where, 0) - 1
                if self.passed[where] >= 0:
                    return None
                del self.refuses[place]
                return reply
        return None

    def _receive(self, request: Request, ident: str) -> Reply:
        if request.headers.get("authorization") != f"OAuth {self.token}":
            return error(190, 463, message="Invalid OAuth token")
        if refusal := self._first(request):
            return refusal
        kept = self.bytes[ident]
        offset, size = int(request.headers["offset"]), int(request.headers["file_size"])
        if offset == 0:
            kept.clear()
        if offset != len(kept) or self.sizes.setdefault(ident, size) != size:
            return upload_error(retriable=True, message=f"offset {offset}, not {len(kept)}")
        kept += request.body
        if len(kept) > size:
            return upload_error(retriable=False, message="too many bytes")
        if not self.whole(ident):
            return upload_error(retriable=True, message="partial")
        return json_reply({"success": True, "message": "Upload successful."})


def upload_error(*, retriable: bool, message: str) -> Reply:
    debug = {"retriable": retriable, "type": "ProcessingFailedError", "message": message}
    return json_reply({"debug_info": debug}, 400)
