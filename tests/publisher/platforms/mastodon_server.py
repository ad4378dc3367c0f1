"""Stands in for a Mastodon instance: apps, OAuth, media that it works on, statuses with idempotency keys."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import Any

from actors.publisher.adapters.platforms.mastodon import Mastodon, MastodonSettings
from actors.publisher.adapters.platforms.mastodon_login import SCOPES
from actors.publisher.adapters.platforms.oauth import challenge
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply
from tests.publisher.support import START

__all__ = ["MASTODON", "MastodonServer", "open_mastodon"]

SEEN_AT = "2026-11-21T12:00:05.000Z"


def error(words: str, status: int) -> Reply:
    return json_reply({"error": words}, status)


def shown(words: str) -> str:
    """As Mastodon writes it: paragraphs, hashtags and links of several parts."""
    text = html.escape(words)
    text = re.sub(r"(https?://)(\S+)", r'<a href="\1\2"><span class="invisible">\1</span><span>\2</span></a>', text)
    text = re.sub(r"(?<!\w)#(\w+)", r'<a class="mention hashtag">#<span>\1</span></a>', text)
    paragraphs = (part.replace("\n", "<br />") for part in text.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in paragraphs)


class MastodonServer(PlatformServer):
    """`works_for`: looks at a video until it is ready. `keeps`: whether it knows idempotency keys. `shows`: whether it
    lists what there is.

    `configuration`: its limits; none: it has no such address. `refuses`: the next answers, by what they are to.
    """

    def __init__(self) -> None:
        super().__init__()
        self.access, self.apps, self.challenge = "token.1", 0, ""
        self.revoked: list[str] = []
        self.works_for, self.keeps, self.shows = 2, True, True
        self.refuses: dict[str, Reply] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, dict[str, Any]] = {}
        self.waiting: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self.configuration: dict[str, Any] | None = {
            "statuses": {"max_characters": 500},
            "media_attachments": {
                "supported_mime_types": ["image/jpeg", "video/mp4"],
                "video_size_limit": 103_809_024,
                "video_frame_rate_limit": 120,
                "video_matrix_limit": 8_294_400,
            },
        }
        for method, path, route in (
            ("POST", "/api/v1/apps", self.register),
            ("POST", "/oauth/token", self.token),
            ("POST", "/oauth/revoke", self.revoke),
            ("GET", "/api/v1/accounts/verify_credentials", self.me),
            ("GET", "/api/v2/instance", self.instance),
            ("POST", "/api/v2/media", self.upload),
            ("GET", r"/api/v1/media/(\w+)", self.medium),
            ("POST", "/api/v1/statuses", self.post),
            ("GET", r"/api/v1/statuses/(\w+)", self.status),
            ("DELETE", r"/api/v1/statuses/(\w+)", self.delete),
            ("GET", "/api/v1/accounts/77/statuses", self.listed),
            ("GET", "/api/v1/scheduled_statuses", self.listed_waiting),
            ("DELETE", r"/api/v1/scheduled_statuses/(\w+)", self.cancel),
        ):
            self.on(method, path, route)

    # -- Login --------------------------------------------------------------------------------------------------------

    def register(self, request: Request) -> Reply:
        form = request.form()
        if form["client_name"] != "Clipwire" or form["scopes"].split() != list(SCOPES):
            return error("Validation failed", 422)
        self.apps += 1
        app = {"client_id": f"app{self.apps}", "client_secret": "secret", "redirect_uri": form["redirect_uris"]}
        return self.refuses.get("apps") or json_reply(app)

    def token(self, request: Request) -> Reply:
        form = request.form()
        if (form.get("client_id"), form.get("client_secret")) != (f"app{self.apps}", "secret"):
            return json_reply({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        if form.get("code") != "code" or challenge(form.get("code_verifier", ""), "S256") != self.challenge:
            return json_reply({"error": "invalid_grant", "error_description": "The grant is invalid"}, 400)
        told = {"access_token": self.access, "token_type": "Bearer", "created_at": 1, "scope": " ".join(SCOPES)}
        return json_reply(told)

    def revoke(self, request: Request) -> Reply:
        self.revoked.append(request.form()["token"])
        return json_reply({})

    def refused(self, request: Request) -> Reply | None:
        if request.headers.get("authorization") != f"Bearer {self.access}":
            return error("The access token is invalid", 401)
        return None

    def me(self, request: Request) -> Reply:
        return self.refused(request) or json_reply({"id": "77", "username": "me", "acct": "me"})

    def instance(self, request: Request) -> Reply:
        if self.configuration is None:
            return error("Not Found", 404)
        return json_reply({"domain": "test", "configuration": self.configuration})

    # -- Posting ------------------------------------------------------------------------------------------------------

    def upload(self, request: Request) -> Reply:
        parts = request.parts()
        if (refused := self.refused(request) or self.refuses.pop("media", None)) is not None:
            return refused
        if not {"file", "thumbnail", "description"} <= set(parts):
            return error("Validation failed: File can't be blank", 422)
        ident = f"m{len(self.media)}"
        self.media[ident] = {"data": parts["file"], "looks": 0}
        return json_reply({"id": ident, "type": "video", "url": None}, 202)

    def medium(self, request: Request, ident: str) -> Reply:
        medium = self.media.get(ident)
        if (refused := self.refused(request)) is not None:
            return refused
        if medium is None or medium.get("attached"):
            return error("Record not found", 404)
        medium["looks"] += 1
        if medium["looks"] <= self.works_for:
            return json_reply({"id": ident, "url": None}, 206)
        return self.refuses.pop("processing", None) or json_reply({"id": ident, "url": f"{self.url}/v.mp4"})

    def post(self, request: Request) -> Reply:
        told, key = request.json(), request.headers.get("idempotency-key", "")
        if (refused := self.refused(request)) is not None:
            return refused
        if self.keeps and key in self.keys:
            return json_reply(self.keys[key])
        if "status" in self.refuses:
            return self.refuses.pop("status")
        [ident] = told["media_ids"]
        medium = self.media.get(ident)
        if medium is None or medium.get("attached"):
            return error(f"Validation failed: Media {ident} not found or already attached to another post", 422)
        if medium["looks"] <= self.works_for:
            return error("Validation failed: Cannot attach files that have not finished processing. Try again", 422)
        medium["attached"] = True
        self.posted.append(medium["data"])
        self.keys[key] = self._made(told, ident)
        return json_reply(self.keys[key])

    def _made(self, told: dict[str, Any], medium: str) -> dict[str, Any]:
        attached = [{"id": medium, "type": "video"}]
        if "scheduled_at" in told:
            at = told["scheduled_at"]
            assert datetime.fromisoformat(at) >= START + timedelta(minutes=5)
            ident = f"w{len(self.waiting)}"
            params = {"text": told["status"], "idempotency": None}
            self.waiting[ident] = {"id": ident, "scheduled_at": at, "params": params, "media_attachments": attached}
            return self.waiting[ident]
        return self.show(told["status"], attached)

    def show(self, words: str, attached: list[dict[str, str]]) -> dict[str, Any]:
        ident = f"{1000 + len(self.statuses)}"
        made = {"id": ident, "url": f"{self.url}/@me/{ident}", "created_at": SEEN_AT, "content": shown(words)}
        counts = {"favourites_count": 4, "reblogs_count": 2, "replies_count": 1}
        self.statuses[ident] = {**made, **counts, "media_attachments": attached}
        return self.statuses[ident]

    def comes_due(self) -> None:
        """What waits is shown, under another id."""
        for each in self.waiting.values():
            self.show(each["params"]["text"], each["media_attachments"])
        self.waiting.clear()

    def status(self, request: Request, ident: str) -> Reply:
        found = self.statuses.get(ident)
        return self.refused(request) or (json_reply(found) if found else error("Record not found", 404))

    def delete(self, request: Request, ident: str) -> Reply:
        found = self.statuses.pop(ident, None)
        return json_reply(found) if found else error("Record not found", 404)

    def cancel(self, request: Request, ident: str) -> Reply:
        found = self.waiting.pop(ident, None)
        return json_reply({}) if found else error("Record not found", 404)

    def listed(self, request: Request) -> Reply:
        return self.refused(request) or self._page(request, self.statuses)

    def listed_waiting(self, request: Request) -> Reply:
        return self.refused(request) or self._page(request, self.waiting)

    def _page(self, request: Request, kept: dict[str, dict[str, Any]]) -> Reply:
        before = request.query.get("max_id")
        if not self.shows:
            return json_reply([])
        newest = [kept[ident] for ident in reversed(kept) if before is None or ident < before]
        return json_reply(newest[: min(40, int(request.query["limit"]))])


def open_mastodon(url: str) -> Mastodon:
    return Mastodon(MastodonSettings(_env_file=None, mastodon_base_url=url))


MASTODON = Case(
    server=MastodonServer,
    open=open_mastodon,
    tokens=Tokens(
        access="token.1", more={"base_url": "{url}", "client_id": "app1", "client_secret": "secret"}, scopes=SCOPES
    ),
    details={"base_url": "{url}", "id": "77", "username": "me"},
)
