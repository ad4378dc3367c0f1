"""Stands in for X: what comes in another order, in other pieces or twice, it refuses."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from actors.publisher.adapters.platforms.x import X, XSettings
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply

__all__ = ["USER", "XCASE", "XServer", "open_x"]

USER = "2244994945"
SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")


@dataclass
class Media:
    """An upload. `looks`: questions that were answered before it was ready."""

    total: int
    segments: dict[int, bytes] = field(default_factory=dict)
    ended: bool = False
    looks: int = 0

    @property
    def data(self) -> bytes:
        return b"".join(data for _, data in sorted(self.segments.items()))


class XServer(PlatformServer):
    """`processing`: questions until a video is ready; 0: it is so when it has come. `failing`: it never is."""

    def __init__(self) -> None:
        super().__init__()
        self.access, self.refresh, self.renewals = "access-1", "refresh-1", 1
        self.challenge = ""
        self.processing, self.failing, self.shows, self.paid = 1, "", True, True
        self.refuse_segments = 0
        self.limited: list[float] = []
        self.media: dict[str, Media] = {}
        self.posts: list[dict[str, Any]] = []
        for method, path, route in (
            ("POST", "/2/oauth2/token", self.token),
            ("GET", "/2/users/me", self.me),
            ("POST", "/2/media/upload/initialize", self.begin),
            ("POST", r"/2/media/upload/(\d+)/append", self.append),
            ("POST", r"/2/media/upload/(\d+)/finalize", self.end),
            ("GET", "/2/media/upload", self.status),
            ("POST", "/2/tweets", self.post),
            ("GET", "/2/tweets", self.counts),
            ("DELETE", r"/2/tweets/(\d+)", self.remove),
            ("GET", f"/2/users/{USER}/tweets", self.own),
        ):
            self.on(method, path, route)

    def token(self, request: Request) -> Reply:
        form, basic = request.form(), base64.b64encode(b"id:secret").decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return json_reply({"error": "unauthorized_client"}, 401)
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if form["code"] != "code" or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != self.challenge:
                return json_reply({"error": "invalid_request", "error_description": "Value passed is wrong."}, 400)
        elif form.get("refresh_token") != self.refresh:
            why = "Value passed for the token was invalid."
            return json_reply({"error": "invalid_request", "error_description": why}, 400)
        self.renewals += 1
        self.access, self.refresh = f"access-{self.renewals}", f"refresh-{self.renewals}"
        told = {"token_type": "bearer", "expires_in": 7200, "scope": " ".join(SCOPES)}
        return json_reply({**told, "access_token": self.access, "refresh_token": self.refresh})

    def refused(self, request: Request) -> Reply | None:
        if request.headers.get("authorization") != f"Bearer {self.access}":
            return problem("Unauthorized", "Unauthorized", 401)
        return None if self.paid else problem("Payment Required", "Your account has no credits left", 402)

    def me(self, request: Request) -> Reply:
        return self.refused(request) or json_reply({"data": {"id": USER, "name": "Me", "username": "me"}})

    # -- Media --------------------------------------------------------------------------------------------------------

    def begin(self, request: Request) -> Reply:
        if refused := self.refused(request):
            return refused
        asked = request.json()
        if (asked["media_type"], asked["media_category"]) != ("video/mp4", "tweet_video"):
            return problem("Invalid Request", "media_type or media_category", 400)
        ident = str(1_880_000_000_000_000_000 + len(self.media))
        self.media[ident] = Media(asked["total_bytes"])
        return json_reply({"data": {"id": ident, "media_key": f"13_{ident}", "expires_after_secs": 86_400}})

    def append(self, request: Request, ident: str) -> Reply:
        if refused := self.refused(request):
            return refused
        parts, media = request.parts(), self.media[ident]
        index = int(parts["segment_index"])
        if self.refuse_segments:
            self.refuse_segments -= 1
            return problem("Invalid Request", "no such media", 400)
        if media.ended or not 0 <= index <= 999 or not 0 < len(parts["media"]) <= 5_000_000:
            return problem("Invalid Request", "segment", 400)
        media.segments[index] = parts["media"]
        return json_reply({"data": {"expires_at": 1_790_000_000}})

    def end(self, request: Request, ident: str) -> Reply:
        media = self.media[ident]
        if refused := self.refused(request):
            return refused
        if media.ended or len(media.data) != media.total:
            return problem("Invalid Request", "finalized, or not whole", 400)
        media.ended = True
        return json_reply({"data": self._told(ident, media)})

    def status(self, request: Request) -> Reply:
        media = self.media.get(request.query["media_id"])
        if refused := self.refused(request):
            return refused
        if request.query["command"] != "STATUS" or media is None or not media.ended:
            return problem("Invalid Request", "no such media", 400)
        media.looks += 1
        return json_reply({"data": self._told(request.query["media_id"], media)})

    def _told(self, ident: str, media: Media) -> dict[str, Any]:
        told = {"id": ident, "media_key": f"13_{ident}", "size": media.total, "expires_after_secs": 86_400}
        if self.failing:
            error = {"code": 1, "name": "InvalidMedia", "message": self.failing}
            return {**told, "processing_info": {"state": "failed", "error": error}}
        if media.looks < self.processing:
            info = {"state": "in_progress" if media.looks else "pending", "check_after_secs": 3}
            return {**told, "processing_info": info}
        return {**told, "processing_info": {"state": "succeeded"}} if self.processing else told

    # -- Posts --------------------------------------------------------------------------------------------------------

    def post(self, request: Request) -> Reply:
        if refused := self.refused(request):
            return refused
        if self.limited:
            reset = str(int(self.limited.pop(0)))
            limits = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
            return Reply(429, b'{"title":"Too Many Requests","status":429}', limits)
        asked = request.json()
        (ident,) = asked["media"]["media_ids"]
        media = self.media.get(ident)
        if media is None or not media.ended or media.looks < self.processing or self.failing:
            return problem("Invalid Request", "Your media IDs are invalid.", 400)
        if any(each["asked"]["text"] == asked["text"] for each in self.posts):
            why = "You are not allowed to create a Tweet with duplicate content."
            return problem("Forbidden", why, 403)
        post_id = str(1_990_000_000_000_000_000 + len(self.posts))
        shown = asked["text"].replace("&", "&amp;") + f" https://t.co/{len(self.posts)}"
        self.posts.insert(0, {"id": post_id, "key": f"13_{ident}", "text": shown, "asked": asked})
        self.posted.append(media.data)
        return json_reply({"data": {"id": post_id, "text": shown}}, 201)

    def _shown(self, request: Request, post: dict[str, Any]) -> dict[str, Any]:
        told = {"id": post["id"], "text": post["text"]}
        extra = {
            "attachments": {"media_keys": [post["key"]]},
            "created_at": "2026-11-21T12:00:30.000Z",
            "public_metrics": {
                "retweet_count": 2,
                "quote_count": 1,
                "reply_count": 3,
                "like_count": 4,
                "bookmark_count": 5,
                "impression_count": 60,
            },
        }
        fields = request.query.get("tweet.fields", "").split(",")
        return told | {name: value for name, value in extra.items() if name in fields}

    def own(self, request: Request) -> Reply:
        if refused := self.refused(request):
            return refused
        assert 5 <= int(request.query["max_results"]) <= 100
        data = [self._shown(request, post) for post in self.posts[:100]] if self.shows else []
        meta = {"result_count": len(data)} | ({"next_token": "7"} if len(self.posts) > 100 else {})
        return json_reply({"data": data, "meta": meta} if data else {"meta": meta})

    def counts(self, request: Request) -> Reply:
        ids = request.query["ids"].split(",")
        if refused := self.refused(request):
            return refused
        if len(ids) > 100:
            return problem("Invalid Request", "ids", 400)
        found = [post for post in self.posts if post["id"] in ids]
        media = [{"media_key": post["key"], "type": "video", "public_metrics": {"view_count": 9}} for post in found]
        return json_reply({"data": [self._shown(request, each) for each in found], "includes": {"media": media}})

    def remove(self, request: Request, ident: str) -> Reply:
        if refused := self.refused(request):
            return refused
        self.posts = [each for each in self.posts if each["id"] != ident]
        return json_reply({"data": {"deleted": True}})


def problem(title: str, detail: str, status: int) -> Reply:
    kind = f"https://api.x.com/2/problems/{title.lower().replace(' ', '-')}"
    return json_reply({"title": title, "detail": detail, "type": kind, "status": status}, status)


def open_x(url: str, **more: Any) -> X:
    return X(XSettings(_env_file=None, x_base_url=url, x_client_id="id", x_client_secret="secret", **more))


XCASE = Case(
    server=XServer,
    open=open_x,
    tokens=Tokens(access="access-1", refresh="refresh-1", scopes=SCOPES),
    account=USER,
    details={"username": "me"},
)
