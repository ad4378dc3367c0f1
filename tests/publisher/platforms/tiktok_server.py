"""Stands in for TikTok: as strict about tokens, order, chunks and ranges as its documentation says."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from actors.publisher.adapters.platforms.tiktok import TikTok, TikTokSettings
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply

__all__ = ["OPEN_ID", "SCOPES", "TIKTOK", "TikTokServer", "open_tiktok"]

OPEN_ID = "-000abc"
SCOPES = ("user.info.basic", "video.list", "video.publish", "video.upload")
MB = 1_000_000


@dataclass
class Task:
    """An upload. `looks`: questions that are answered before it is ready."""

    size: int
    chunk: int
    count: int
    title: str
    draft: bool
    data: bytes = b""
    looks: int = 0
    post_id: str | None = None
    failed: str = ""

    @property
    def whole(self) -> bool:
        return len(self.data) == self.size


class TikTokServer(PlatformServer):
    """`processing`, `moderation`: questions until a video is posted, and until it has an id that all may see.

    `inclusive`: its ranges end with the last byte, not with the count. `fail_reasons`: of the next uploads.
    """

    def __init__(self) -> None:
        super().__init__()
        self.access, self.refresh, self.renewals = "act.1", "rft.1", 1
        self.scopes: tuple[str, ...] = SCOPES
        self.options = ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
        self.longest, self.creator_code = 300, "ok"
        self.audited, self.processing, self.moderation = True, 2, 1
        self.fail_reasons: list[str] = []
        self.inclusive, self.tells_bytes = False, True
        self.expired: set[str] = set()
        self.forgotten: set[str] = set()
        self.tasks: dict[str, Task] = {}
        self.videos: list[dict[str, Any]] = []
        self.challenge = ""
        self.asked_creator = 0
        for method, path, route in (
            ("POST", "/v2/oauth/token/", self.token),
            ("POST", "/v2/oauth/revoke/", self.revoke),
            ("GET", "/v2/user/info/", self.user),
            ("POST", "/v2/post/publish/creator_info/query/", self.creator),
            ("POST", "/v2/post/publish/video/init/", self.direct),
            ("POST", "/v2/post/publish/inbox/video/init/", self.draft),
            ("POST", "/v2/post/publish/status/fetch/", self.status),
            ("POST", "/v2/video/list/", self.listed),
            ("POST", "/v2/video/query/", self.counted),
            ("PUT", r"/video/(\d+)", self.chunk),
        ):
            self.on(method, path, route)

    # -- Login --------------------------------------------------------------------------------------------------------

    def token(self, request: Request) -> Reply:
        form = request.form()
        if request.headers["content-type"] != "application/x-www-form-urlencoded":
            return json_reply({"error": "invalid_request", "error_description": "form encoding is wanted"}, 400)
        if (form.get("client_key"), form.get("client_secret")) != ("key", "secret"):
            return json_reply({"error": "invalid_client", "error_description": "no such client"}, 401)
        if form["grant_type"] == "authorization_code":
            verifier = form.get("code_verifier", "")
            if form.get("code") != "code" or hashlib.sha256(verifier.encode()).hexdigest() != self.challenge:
                why = "Code verifier or code challenge is invalid"
                return json_reply({"error": "invalid_request", "error_description": why}, 200)
        elif form.get("refresh_token") != self.refresh:
            return json_reply({"error": "invalid_grant", "error_description": "Refresh token is invalid"}, 200)
        self.renewals += 1
        self.access, self.refresh = f"act.{self.renewals}", f"rft.{self.renewals}"
        return json_reply(
            {
                "access_token": self.access,
                "expires_in": 7200,
                "open_id": OPEN_ID,
                "refresh_expires_in": 15_552_000,
                "refresh_token": self.refresh,
                "scope": ",".join(self.scopes),
                "token_type": "Bearer",
            }
        )

    def revoke(self, request: Request) -> Reply:
        form = request.form()
        if (form.get("client_key"), form.get("client_secret"), form.get("token")) != ("key", "secret", self.access):
            return json_reply({"error": "invalid_request", "error_description": "no such token"}, 200)
        self.access = self.refresh = ""
        return Reply()

    def refused(self, request: Request, scope: str) -> Reply | None:
        if request.headers.get("authorization") != f"Bearer {self.access}":
            return bad("access_token_invalid", 401)
        if scope not in self.scopes:
            return bad("scope_not_authorized", 401)
        if request.method == "POST" and request.headers.get("content-type") != "application/json; charset=UTF-8":
            return bad("invalid_params", 400)
        return None

    def user(self, request: Request) -> Reply:
        user = {"open_id": OPEN_ID, "display_name": "Me"}
        asked = {name: user[name] for name in request.query["fields"].split(",")}
        return self.refused(request, "user.info.basic") or ok({"user": asked})

    # -- Posting ------------------------------------------------------------------------------------------------------

    def creator(self, request: Request) -> Reply:
        if self.creator_code != "ok":
            return bad(self.creator_code, 200)
        self.asked_creator += 1
        return self.refused(request, "video.publish") or ok(
            {
                "creator_username": "me",
                "creator_nickname": "Me",
                "privacy_level_options": self.options,
                "comment_disabled": False,
                "duet_disabled": False,
                "stitch_disabled": True,
                "max_video_post_duration_sec": self.longest,
            }
        )

    def direct(self, request: Request) -> Reply:
        refused = self.refused(request, "video.publish")
        info = request.json()["post_info"]
        if refused or not self.asked_creator:
            return refused or bad("invalid_params", 400)
        self.asked_creator -= 1
        if len(info["title"].encode("utf-16-le")) // 2 > 2200 or not info["disable_stitch"]:
            return bad("invalid_params", 400)
        if not self.audited and info["privacy_level"] != "SELF_ONLY":
            return bad("unaudited_client_can_only_post_to_private_accounts", 403)
        if info["privacy_level"] not in self.options:
            return bad("privacy_level_option_mismatch", 403)
        return self._begun(request, "v_pub_file~v2-1.", info["title"], draft=False)

    def draft(self, request: Request) -> Reply:
        refused = self.refused(request, "video.upload")
        if refused or set(request.json()) != {"source_info"}:
            return refused or bad("invalid_params", 400)
        return self._begun(request, "v_inbox_file~v2.", "", draft=True)

    def _begun(self, request: Request, prefix: str, title: str, *, draft: bool) -> Reply:
        source = request.json()["source_info"]
        size, chunk, count = source["video_size"], source["chunk_size"], source["total_chunk_count"]
        last = size - (count - 1) * chunk
        small = size < 5 * MB and (chunk, count) == (size, 1)
        large = 5 * MB <= chunk <= 64 * MB and count == size // chunk and last <= 128 * MB and count <= 1000
        if source["source"] != "FILE_UPLOAD" or not (small or large):
            return bad("invalid_params", 400)
        number = len(self.tasks) + 1
        self.tasks[f"{prefix}{number}"] = Task(size, chunk, count, title, draft)
        return ok({"publish_id": f"{prefix}{number}", "upload_url": f"{self.url}/video/{number}?upload_token=Xza"})

    def chunk(self, request: Request, number: str) -> Reply:
        publish_id, task = list(self.tasks.items())[int(number) - 1]
        told = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers["content-range"])
        if request.query != {"upload_token": "Xza"} or publish_id in self.expired:
            return Reply(403)
        if "authorization" in request.headers or request.headers["content-type"] != "video/mp4" or told is None:
            return Reply(400)
        first, last, total = (int(each) for each in told.groups())
        if total != task.size or last - first + 1 != len(request.body):
            return Reply(400)
        if first != len(task.data) or task.whole:
            return Reply(416, headers=self._range(task))
        last_one = first // task.chunk == task.count - 1
        if len(request.body) != (task.size - first if last_one else task.chunk):
            return Reply(400)
        task.data += request.body
        if not task.whole:
            return Reply(206, headers=self._range(task))
        if not self.fail_reasons:
            self.posted.append(task.data)
        return Reply(201, headers=self._range(task))

    def _range(self, task: Task) -> dict[str, str]:
        return {"Content-Range": f"bytes 0-{len(task.data) - self.inclusive}/{task.size}"}

    def status(self, request: Request) -> Reply:
        publish_id = request.json()["publish_id"]
        refused = self.refused(request, "video.upload" if "inbox" in publish_id else "video.publish")
        if refused or publish_id not in self.tasks or publish_id in self.forgotten:
            return refused or bad("invalid_publish_id", 400)
        task = self.tasks[publish_id]
        if task.whole:
            task.looks += 1
        if not task.whole or task.looks <= self.processing:
            progress = {"uploaded_bytes": len(task.data)} if self.tells_bytes else {}
            return ok({"status": "PROCESSING_UPLOAD", **progress})
        if self.fail_reasons and task.post_id is None and not task.failed:
            task.failed = self.fail_reasons.pop(0)
        if task.failed:
            return ok({"status": "FAILED", "fail_reason": task.failed})
        if task.draft:
            return ok({"status": "SEND_TO_USER_INBOX"})
        if task.post_id is None:
            task.post_id = str(7_300_000_000_000_000_000 + len(self.videos))
            self.show(task.post_id, task.title)
        shown = task.looks > self.processing + self.moderation
        return ok({"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": [int(task.post_id)] if shown else []})

    # -- Videos -------------------------------------------------------------------------------------------------------

    def show(self, post_id: str, title: str, *, at: float = 1_795_262_400) -> None:
        self.videos.insert(
            0,
            {
                "id": post_id,
                "title": title,
                "video_description": title,
                "create_time": int(at),
                "duration": 20,
                "share_url": f"https://www.tiktok.com/@me/video/{post_id}",
                "view_count": 7,
                "like_count": 5,
                "comment_count": 3,
                "share_count": 2,
            },
        )

    def listed(self, request: Request) -> Reply:
        body = request.json()
        start, count = body.get("cursor", 0), body.get("max_count", 10)
        if refused := self.refused(request, "video.list"):
            return refused
        if count > 20:
            return bad("invalid_params", 400)
        end = start + count
        videos = [self._fields(request, video) for video in self.videos[start:end]]
        return ok({"videos": videos, "cursor": end, "has_more": end < len(self.videos)})

    def counted(self, request: Request) -> Reply:
        ids = request.json()["filters"]["video_ids"]
        if refused := self.refused(request, "video.list"):
            return refused
        if len(ids) > 20:
            return bad("invalid_params", 400)
        return ok({"videos": [self._fields(request, video) for video in self.videos if video["id"] in ids]})

    def _fields(self, request: Request, video: dict[str, Any]) -> dict[str, Any]:
        return {name: video[name] for name in request.query["fields"].split(",")}


def ok(data: dict[str, Any]) -> Reply:
    return json_reply({"data": data, "error": {"code": "ok", "message": "", "log_id": "20261121"}})


def bad(code: str, status: int) -> Reply:
    return json_reply({"data": {}, "error": {"code": code, "message": "as documented", "log_id": "20261121"}}, status)


def open_tiktok(url: str, **more: Any) -> TikTok:
    options = {"tiktok_privacy": "PUBLIC_TO_EVERYONE", "tiktok_client_id": "key", "tiktok_client_secret": "secret"}
    return TikTok(TikTokSettings(_env_file=None, tiktok_base_url=url, **{**options, **more}))


TIKTOK = Case(
    server=TikTokServer,
    open=open_tiktok,
    tokens=Tokens(access="act.1", refresh="rft.1", scopes=SCOPES),
    account=OPEN_ID,
)
