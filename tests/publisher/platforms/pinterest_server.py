"""Stands in for Pinterest: its API, its token service, and the store that takes files by a form."""

from __future__ import annotations

import base64
import re
from typing import Any

from actors.publisher.adapters.platforms.pinterest import SCOPES, Pinterest, PinterestSettings
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply

__all__ = ["PINTEREST", "PinterestServer", "error", "open_pinterest"]

BASIC = base64.b64encode(b"app:secret").decode()


def error(status: int, code: int, words: str) -> Reply:
    return json_reply({"code": code, "message": words}, status)


class PinterestServer(PlatformServer):
    """`works_for`: looks at a video until it is ready. `notes`: whether pins show their notes in lists.

    `refuses`: the next answers, by what they are to. Lists come in pages of two.
    """

    def __init__(self) -> None:
        super().__init__()
        self.access, self.refresh, self.count = "pina.1", "pinr.1", 1
        self.works_for, self.notes, self.ends = 2, True, "succeeded"
        self.refuses: dict[str, Reply] = {}
        self.boards = [{"id": "11", "name": "Later"}, {"id": "12", "name": "AI Tools!"}, {"id": "13", "name": "über"}]
        self.media: dict[str, dict[str, Any]] = {}
        self.pins: dict[str, dict[str, Any]] = {}
        for method, path, route in (
            ("POST", "/v5/oauth/token", self.token),
            ("GET", "/v5/user_account", self.me),
            ("GET", "/v5/boards", self.listed_boards),
            ("GET", r"/v5/boards/(\d+)", self.board),
            ("GET", r"/v5/boards/(\d+)/pins", self.listed_pins),
            ("POST", "/v5/media", self.register),
            ("POST", "/store/", self.store),
            ("GET", r"/v5/media/(\d+)", self.medium),
            ("POST", "/v5/pins", self.pin),
            ("DELETE", r"/v5/pins/(\d+)", self.delete),
            ("GET", r"/v5/pins/(\d+)/analytics", self.analytics),
        ):
            self.on(method, path, route)

    # -- Login --------------------------------------------------------------------------------------------------------

    def token(self, request: Request) -> Reply:
        form = request.form()
        if request.headers.get("authorization") != f"Basic {BASIC}" or "client_secret" in form:
            return error(401, 3, "Authorization failed.")
        if form["grant_type"] == "authorization_code" and form.get("code") != "code":
            return error(400, 283, "Invalid authorization code")
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh:
            return error(401, 2, "Invalid refresh token")
        self.count += 1
        self.access, self.refresh = f"pina.{self.count}", f"pinr.{self.count}"
        return json_reply(
            {
                "access_token": self.access,
                "token_type": "bearer",
                "expires_in": 2_592_000,
                "refresh_token": self.refresh,
                "refresh_token_expires_in": 5_184_000,
                "scope": " ".join(SCOPES),
            }
        )

    def refused(self, request: Request, what: str = "") -> Reply | None:
        if request.headers.get("authorization") != f"Bearer {self.access}":
            return error(401, 2, "Authentication failed.")
        return self.refuses.pop(what, None)

    def me(self, request: Request) -> Reply:
        return self.refused(request) or json_reply({"username": "me", "account_type": "BUSINESS"})

    def page(self, request: Request, items: list[dict[str, Any]]) -> Reply:
        start = int(request.query.get("bookmark", "0"))
        more = str(start + 2) if start + 2 < len(items) else None
        return self.refused(request) or json_reply({"items": items[start : start + 2], "bookmark": more})

    def listed_boards(self, request: Request) -> Reply:
        return self.page(request, self.boards)

    def board(self, request: Request, ident: str) -> Reply:
        found = next((board for board in self.boards if board["id"] == ident), None)
        return self.refused(request) or (json_reply(found) if found else error(404, 40, "Board not found."))

    # -- Pins ---------------------------------------------------------------------------------------------------------

    def register(self, request: Request) -> Reply:
        if (refused := self.refused(request, "media")) is not None:
            return refused
        ident = str(1234 + len(self.media))
        self.media[ident] = {"data": b"", "looks": 0}
        fields = {"x-amz-date": "20261121", "key": f"uploads/{ident}", "policy": "cG9s", "x-amz-signature": f"s{ident}"}
        told = {"media_id": ident, "media_type": "video", "upload_url": f"{self.url}/store/"}
        return json_reply({**told, "upload_parameters": {**fields, "Content-Type": "multipart/form-data"}}, 201)

    def store(self, request: Request) -> Reply:
        parts = request.parts()
        if "store" in self.refuses:
            return self.refuses.pop("store")
        ident = parts["key"].decode().removeprefix("uploads/")
        if "authorization" in request.headers or parts.get("x-amz-signature") != f"s{ident}".encode():
            return Reply(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        if list(parts)[-1] != "file" or parts["Content-Type"] != b"multipart/form-data":
            return Reply(400, b"<Error><Code>InvalidArgument</Code></Error>")
        self.media[ident]["data"] = parts["file"]
        return Reply(204)

    def medium(self, request: Request, ident: str) -> Reply:
        if (refused := self.refused(request, "medium")) is not None:
            return refused
        medium = self.media[ident]
        if not medium["data"]:
            return json_reply({"media_id": ident, "media_type": "video", "status": "registered"})
        medium["looks"] += 1
        status = self.ends if medium["looks"] > self.works_for else "processing"
        return json_reply({"media_id": ident, "media_type": "video", "status": status})

    def pin(self, request: Request) -> Reply:
        told = request.json()
        if (refused := self.refused(request, "pin")) is not None:
            return refused
        source = told["media_source"]
        medium = self.media.get(source["media_id"])
        if medium is None or medium["looks"] <= self.works_for:
            return error(400, 235, "Media is not ready")
        if source["source_type"] != "video_id" or not base64.b64decode(source["cover_image_data"]):
            return error(400, 1, "Invalid cover image")
        if told["board_id"] != "12" or len(told["title"]) > 100 or len(told["description"]) > 800:
            return error(400, 1, "Invalid request")
        ident = str(9000 + len(self.pins))
        shown = {name: told[name] for name in ("board_id", "title", "description", "alt_text", "note")}
        self.pins[ident] = {"id": ident, **shown, "created_at": "2026-11-21T12:00:05"}
        self.posted.append(medium["data"])
        return json_reply(self.pins[ident], 201)

    def listed_pins(self, request: Request, board: str) -> Reply:
        pins = [pin if self.notes else {**pin, "note": None} for pin in self.pins.values()]
        return self.page(request, [pin for pin in pins if pin["board_id"] == board])

    def delete(self, request: Request, ident: str) -> Reply:
        if (refused := self.refused(request)) is not None:
            return refused
        if self.pins.pop(ident, None) is None:
            return error(404, 50, "Pin not found.")
        self.posted.pop()
        return Reply(204)

    def analytics(self, request: Request, ident: str) -> Reply:
        dates = [request.query[name] for name in ("start_date", "end_date")]
        if not all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in dates) or ident not in self.pins:
            return error(404, 50, "Pin not found.")
        summary = {
            "SAVE": 6.0,
            "VIDEO_MRC_VIEW": 422.0,
            "VIDEO_AVG_WATCH_TIME": 5310.4,
            "VIDEO_V50_WATCH_TIME": 3462385,
        }
        counted = {"summary_metrics": summary, "lifetime_metrics": {"TOTAL_COMMENTS": 2, "TOTAL_REACTIONS": 7}}
        return self.refused(request) or json_reply({"all": {**counted, "daily_metrics": []}})


def open_pinterest(url: str, **more: Any) -> Pinterest:
    options = {"pinterest_client_id": "app", "pinterest_client_secret": "secret", **more}
    return Pinterest(PinterestSettings(_env_file=None, pinterest_base_url=url, **options))


PINTEREST = Case(
    server=PinterestServer,
    open=open_pinterest,
    tokens=Tokens(access="pina.1", refresh="pinr.1", scopes=SCOPES, more={"board": "AI Tools!"}),
    account="me~ai-tools",
    details={"board_id": "12", "board": "AI Tools!", "username": "me"},
)
