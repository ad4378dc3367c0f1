"""Stands in for Snapchat: it decrypts what it gets, and posts only what is whole."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from actors.publisher.adapters.platforms.snapchat import Snapchat, SnapchatSettings
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply

__all__ = ["PROFILE", "SNAPCHAT", "SnapchatServer", "open_snapchat"]

PROFILE = "3c1f5b4e-0000-4000-8000-00000000c11f"
LARGEST_PART = 32 << 20


@dataclass
class Media:
    """A container. `looks`: times that it was to be posted before it was ready."""

    key: bytes
    iv: bytes
    parts: dict[int, bytes] = field(default_factory=dict)
    video: bytes | None = None
    looks: int = 0


class SnapchatServer(PlatformServer):
    """`processing`: times that a post is refused because the media is not ready. `shows`: what is posted is listed."""

    def __init__(self) -> None:
        super().__init__()
        self.access, self.refresh, self.renewals = "access-1", "refresh-1", 1
        self.allowed, self.processing, self.shows = True, 1, True
        self.refuse_parts, self.elsewhere = 0, ""
        self.media: dict[str, Media] = {}
        self.spotlights: list[dict[str, Any]] = []
        profile = f"/v1/public_profiles/{PROFILE}"
        for method, path, route in (
            ("POST", "/login/oauth2/access_token", self.token),
            ("GET", "/v1/public_profiles/my_profile", self.me),
            ("POST", f"{profile}/media", self.create),
            ("POST", r"/us/v1/media/(m\d+)/add", self.add),
            ("POST", r"/us/v1/media/(m\d+)/finalize", self.finalize),
            ("POST", f"{profile}/spotlights", self.post),
            ("GET", f"{profile}/spotlights", self.listed),
            ("GET", rf"{profile}/spotlights/(\w+)", self.shown),
            ("GET", rf"{profile}/spotlights/(\w+)/stats", self.stats),
        ):
            self.on(method, path, route)

    def token(self, request: Request) -> Reply:
        form = request.form()
        if (form.get("client_id"), form.get("client_secret")) != ("id", "secret"):
            return json_reply({"error": "invalid_client"}, 401)
        good = form.get("code") == "code" if form["grant_type"] == "authorization_code" else None
        if good is False or (good is None and form.get("refresh_token") != self.refresh):
            return json_reply({"error": "invalid_grant", "error_description": "Token expired"}, 400)
        self.renewals += 1
        self.access, self.refresh = f"access-{self.renewals}", f"refresh-{self.renewals}"
        told = {"access_token": self.access, "refresh_token": self.refresh, "expires_in": 3600, "token_type": "Bearer"}
        return json_reply(told)

    def refused(self, request: Request) -> Reply | None:
        if request.headers.get("authorization") != f"Bearer {self.access}":
            return Reply(401)
        return None if self.allowed else bad("AUTHORIZATION_PERMISSION_DENIED", 403)

    def me(self, request: Request) -> Reply:
        profile = {"id": PROFILE, "display_name": "Me", "snap_user_name": "me"}
        return self.refused(request) or ok(public_profile=profile)

    # -- Media --------------------------------------------------------------------------------------------------------

    def create(self, request: Request) -> Reply:
        if refused := self.refused(request):
            return refused
        asked = request.json()
        key, iv = base64.b64decode(asked["key"]), base64.b64decode(asked["iv"])
        if (asked["type"], len(key), len(iv)) != ("VIDEO", 32, 16) or not asked["name"]:
            return bad("the media is described wrong", 400)
        name = f"m{len(self.media) + 1}"
        self.media[name] = Media(key, iv)
        path = f"{self.elsewhere}/us/v1/media/{name}"
        return ok(media_id=name, add_path=f"{path}/add", finalize_path=f"{path}/finalize")

    def add(self, request: Request, name: str) -> Reply:
        if refused := self.refused(request):
            return refused
        parts, media = request.parts(), self.media[name]
        number = int(parts["part_number"])
        if self.refuse_parts:
            self.refuse_parts -= 1
            return bad("the upload is over", 400)
        if parts["action"] != b"ADD" or not 1 <= number <= 35 or not 0 < len(parts["file"]) <= LARGEST_PART:
            return bad("the part is wrong", 400)
        if media.video is not None:
            return bad("the media is finalized", 400)
        media.parts[number] = parts["file"]
        return ok()

    def finalize(self, request: Request, name: str) -> Reply:
        if refused := self.refused(request):
            return refused
        media = self.media[name]
        if request.parts() != {"action": b"FINALIZE"} or sorted(media.parts) != list(range(1, len(media.parts) + 1)):
            return bad("parts are missing", 400)
        sealed = b"".join(data for _, data in sorted(media.parts.items()))
        decryptor, padding = Cipher(AES(media.key), CBC(media.iv)).decryptor(), PKCS7(128).unpadder()
        media.video = padding.update(decryptor.update(sealed) + decryptor.finalize()) + padding.finalize()
        return ok()

    # -- Spotlights ---------------------------------------------------------------------------------------------------

    def post(self, request: Request) -> Reply:
        if refused := self.refused(request):
            return refused
        asked = request.json()
        media = self.media.get(asked["media_id"])
        if media is None or media.video is None or len(asked["description"]) > 160 or "_" not in asked["locale"]:
            return bad("the post is wrong", 400)
        media.looks += 1
        if media.looks <= self.processing:
            return bad("Media is still processing", 400)
        ident = f"W7_{len(self.spotlights)}"
        link = f"https://www.snapchat.com/spotlight/{ident}"
        self.spotlights.insert(
            0,
            {"id": ident, "caption": asked["description"], "duration": 20.0, "link": link, "status": "LIVE"}
            | {"created_at": "2026-11-21T12:30:00.000Z"},
        )
        self.posted.append(media.video)
        return ok(spotlight_id=ident)

    def listed(self, request: Request) -> Reply:
        if refused := self.refused(request):
            return refused
        start, limit = int(request.query.get("cursor", 0)), int(request.query["limit"])
        end = start + limit
        shown = self.spotlights[start:end] if self.shows else []
        paging = {"next_page_id": str(end)} if end < len(self.spotlights) else {}
        return ok(spotlights=[{"sub_request_status": "SUCCESS", "spotlight": each} for each in shown], paging=paging)

    def shown(self, request: Request, ident: str) -> Reply:
        found = [each for each in self.spotlights if each["id"] == ident]
        if refused := self.refused(request):
            return refused
        if not found:
            return bad("no such Spotlight", 404)
        return ok(spotlights=[{"sub_request_status": "SUCCESS", "spotlight": found[0]}])

    def stats(self, request: Request, ident: str) -> Reply:
        if refused := self.refused(request):
            return refused
        if not any(each["id"] == ident for each in self.spotlights):
            return bad("no such Spotlight", 404)
        return ok(lifetime_stats=[{"stats": {"VIEWS": 9, "SHARES": 2, "FAVORITES": 4}}])


def ok(**told: Any) -> Reply:
    return json_reply({"request_status": "SUCCESS", "request_id": "1", **told})


def bad(why: str, status: int) -> Reply:
    return json_reply({"request_status": "ERROR", "request_id": "1", "display_message": why}, status)


def open_snapchat(url: str) -> Snapchat:
    return Snapchat(
        SnapchatSettings(
            _env_file=None,
            snapchat_base_url=url,
            snapchat_accounts_base_url=url,
            snapchat_client_id="id",
            snapchat_client_secret="secret",
        )
    )


SNAPCHAT = Case(
    server=SnapchatServer,
    open=open_snapchat,
    tokens=Tokens(access="access-1", refresh="refresh-1"),
    account=PROFILE,
    details={"username": "me"},
)
