"""A server that stands in for LinkedIn: OAuth, uploads in parts, posts that a member's token cannot read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from actors.publisher.adapters.platforms.linkedin import LinkedIn, LinkedInSettings
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply

__all__ = ["LINKEDIN", "LINKEDIN_ORGANIZATION", "LinkedInServer", "opened", "problem"]

VERSION = "202605"
PART = 250_000
SHOWN_AT = 1_800_000_000_000
"""Milliseconds."""


def problem(status: int, code: str, message: str) -> Reply:
    return json_reply({"status": status, "code": code, "message": message}, status)


class LinkedInServer(PlatformServer):
    """`works_for`: so often a video is PROCESSING. `fails`: why it never is AVAILABLE. `forgets`: addresses of uploads
    that it takes no more bytes at. `refuses`: what the next post is answered with.
    """

    def __init__(self) -> None:
        super().__init__()
        self.token, self.works_for, self.fails, self.expires_at = "li-1", 1, "", SHOWN_AT
        self.scope = "openid,profile,w_member_social"
        self.sizes: dict[str, int] = {}
        self.bytes: dict[str, dict[int, bytes]] = {}
        self.left: dict[str, int] = {}
        self.posts: list[dict[str, Any]] = []
        self.forgets: set[str] = set()
        self.refuses: list[Reply] = []
        self.on("POST", "/accessToken", self._token)
        self.on("GET", "/v2/userinfo", self._userinfo)
        self.on("PUT", r"/dms-uploads/(\w+)/(\d+)", self._put)
        self.rest("POST", "videos", self._video)
        self.rest("GET", "videos/([^/]+)", self._status)
        self.rest("POST", "posts", self._post)
        self.rest("GET", "posts", self._list)
        self.rest("DELETE", "posts/([^/]+)", self._delete)
        self.rest("GET", "organizationAcls", self._acls)
        self.rest("GET", r"organizations/(\d+)", self._organization)

    def rest(self, method: str, pattern: str, route: Callable[..., Reply]) -> None:
        """A route for who has the token and names a version that is served."""

        def guarded(request: Request, *caught: str) -> Reply:
            if request.headers.get("authorization") != f"Bearer {self.token}":
                return problem(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
            if request.headers.get("linkedin-version") != VERSION:
                return problem(426, "NONEXISTENT_VERSION", "Requested version 20200101 is not active")
            if request.headers.get("x-restli-protocol-version") != "2.0.0":
                return problem(400, "ILLEGAL_ARGUMENT", "No protocol version")
            return route(request, *map(unquote, caught))

        self.on(method, f"/rest/{pattern}", guarded)

    def _token(self, request: Request) -> Reply:
        form = request.form()
        if (form.get("client_id"), form.get("client_secret")) != ("app", "hush"):
            return json_reply({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        told = {"access_token": self.token, "expires_in": 5_184_000, "scope": self.scope}
        if form.get("grant_type") == "authorization_code" and form.get("code") == "c1" and form.get("redirect_uri"):
            return json_reply(told)
        if form.get("grant_type") == "refresh_token" and form.get("refresh_token") == "lr-1":
            return json_reply({**told, "refresh_token": "lr-1", "refresh_token_expires_in": 31_536_000})
        return json_reply({"error": "invalid_grant", "error_description": "The code or token is not good"}, 400)

    def _userinfo(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return problem(401, "REVOKED_ACCESS_TOKEN", "Revoked")
        return json_reply({"sub": "aB_1-x", "name": "Me Myself"})

    def _acls(self, request: Request) -> Reply:
        urn = "urn:li:organization:77"
        return json_reply({"elements": [{"role": "ADMINISTRATOR", "organization": urn, "state": "APPROVED"}]})

    def _organization(self, request: Request, ident: str) -> Reply:
        return json_reply({"localizedName": "Films & Co", "id": int(ident)})

    def _video(self, request: Request) -> Reply:
        if request.query.get("action") == "initializeUpload":
            return self._initialize(request.json()["initializeUploadRequest"])
        asked = request.json()["finalizeUploadRequest"]
        video = asked["video"]
        whole = sorted(self.bytes[video])
        if asked["uploadToken"] != "t1" or asked["uploadedPartIds"] != [f'"{video[-2:]}{first}"' for first in whole]:
            return problem(400, "ILLEGAL_ARGUMENT", "Parts are missing")
        if video in self.left:
            return problem(400, "ILLEGAL_STATE", "The upload is finalized already")
        if sum(map(len, self.bytes[video].values())) != self.sizes[video]:
            return problem(400, "ILLEGAL_ARGUMENT", "Bytes are missing")
        self.left[video] = self.works_for
        return Reply()

    def _initialize(self, asked: dict[str, Any]) -> Reply:
        size, number = asked["fileSizeBytes"], len(self.sizes) + 10
        video = f"urn:li:video:C5F{number}"
        self.sizes[video], self.bytes[video] = size, {}
        parts = [
            {"uploadUrl": f"{self.url}/dms-uploads/C5F{number}/{first}", "firstByte": first}
            | {"lastByte": min(first + PART, size) - 1}
            for first in range(0, size, PART)
        ]
        value = {"uploadUrlsExpireAt": self.expires_at, "video": video, "uploadInstructions": parts}
        return json_reply({"value": value | {"uploadToken": "t1", "captionsUploadUrl": None}})

    def _put(self, request: Request, name: str, first: str) -> Reply:
        video = f"urn:li:video:{name}"
        if "authorization" in request.headers or request.headers["content-type"] != "application/octet-stream":
            return Reply(400)
        if name in self.forgets or len(request.body) != min(PART, self.sizes[video] - int(first)):
            return Reply(403)
        self.bytes[video][int(first)] = request.body
        return Reply(200, b"", {"ETag": f'"{video[-2:]}{first}"'})

    def _status(self, request: Request, video: str) -> Reply:
        if video not in self.left:
            return json_reply({"id": video, "status": "WAITING_UPLOAD"})
        if self.fails:
            return json_reply({"id": video, "status": "PROCESSING_FAILED", "processingFailureReason": self.fails})
        self.left[video] -= 1
        return json_reply({"id": video, "status": "PROCESSING" if self.left[video] >= 0 else "AVAILABLE"})

    def _post(self, request: Request) -> Reply:
        if self.refuses:
            return self.refuses.pop(0)
        body = request.json()
        video = body["content"]["media"]["id"]
        if self.left.get(video, 0) >= 0:
            return problem(422, "MEDIA_NOT_READY", "The video is not available")
        if body["commentary"] in {each["commentary"] for each in self.posts}:
            return problem(422, "DUPLICATE_POST", "Content is a duplicate of urn:li:share:6000")
        urn = f"urn:li:share:{6000 + len(self.posts)}"
        self.posts.insert(0, {**body, "id": urn, "publishedAt": SHOWN_AT})
        self.posted.append(b"".join(self.bytes[video][first] for first in sorted(self.bytes[video])))
        return Reply(201, b"", {"x-restli-id": urn})

    def _list(self, request: Request) -> Reply:
        author = request.query["author"]
        if request.headers.get("x-restli-method") != "FINDER" or not author.startswith("urn:li:organization:"):
            return problem(403, "ACCESS_DENIED", "Not enough permissions to access: partnerApiPosts.FINDER-author")
        start, count = int(request.query["start"]), int(request.query["count"])
        return json_reply(
            {"elements": [each for each in self.posts if each["author"] == author][start : start + count]}
        )

    def _delete(self, request: Request, urn: str) -> Reply:
        if urn not in {each["id"] for each in self.posts}:
            return problem(404, "NOT_FOUND", "No such post")
        self.posts = [each for each in self.posts if each["id"] != urn]
        return Reply(204)


def opened(url: str, **more: Any) -> LinkedIn:
    """The platform for a server's address."""
    settings = {"linkedin_client_id": "app", "linkedin_client_secret": "hush", "linkedin_version": VERSION, **more}
    return LinkedIn(LinkedInSettings(_env_file=None, linkedin_base_url=url, linkedin_oauth_base_url=url, **settings))


LINKEDIN = Case(
    server=LinkedInServer,
    open=opened,
    tokens=Tokens(access="li-1", refresh="lr-1", scopes=("w_member_social",)),
    account="person-aB_1-x",
)
LINKEDIN_ORGANIZATION = replace(LINKEDIN, account="organization-77")
