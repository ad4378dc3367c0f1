"""Stands in for Bluesky: a PDS and the video service, as strict about tokens and keys as they are."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from actors.publisher.adapters.platforms.bluesky import Bluesky, BlueskySettings
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply

__all__ = ["BLUESKY", "DID", "BlueskyServer", "open_bluesky"]

DID = "did:plc:abc123"
EXPIRES = 4_102_444_800
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


def token_of(kind: str, count: int) -> str:
    """A JSON Web Token, as the PDS makes them."""
    told = json.dumps({"scope": kind, "sub": DID, "exp": EXPIRES, "jti": count}).encode()
    return f"e30.{base64.urlsafe_b64encode(told).rstrip(b'=').decode()}.sig"


def error(name: str, message: str = "", status: int = 400) -> Reply:
    return json_reply({"error": name, "message": message or name}, status)


class BlueskyServer(PlatformServer):
    """`works_for`: looks at a video until it is ready. `failures`: of the video service, before it succeeds.

    `outdated`: the access has expired, until it is renewed. `taken`: what a key that is taken is answered with.
    `limits`: what may be uploaded.
    """

    def __init__(self) -> None:
        super().__init__()
        self.count, self.outdated = 1, False
        self.works_for, self.failures = 2, 0
        self.limits: dict[str, Any] = {"canUpload": True, "remainingDailyVideos": 25, "remainingDailyBytes": 10**10}
        self.taken = error("InternalServerError", status=500)
        self.refuses: dict[str, Reply] = {}
        self.service_tokens: dict[str, tuple[str, str]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.records: dict[str, dict[str, Any]] = {}
        for method, name, route in (
            ("POST", "com.atproto.server.createSession", self.login),
            ("POST", "com.atproto.server.refreshSession", self.renew),
            ("POST", "com.atproto.server.deleteSession", self.logout),
            ("GET", "com.atproto.server.getServiceAuth", self.service_token),
            ("GET", "app.bsky.video.getUploadLimits", self.upload_limits),
            ("POST", "app.bsky.video.uploadVideo", self.upload),
            ("GET", "app.bsky.video.getJobStatus", self.job),
            ("POST", "com.atproto.repo.createRecord", self.create),
            ("GET", "com.atproto.repo.getRecord", self.get),
            ("POST", "com.atproto.repo.deleteRecord", self.delete),
            ("GET", "app.bsky.feed.getPosts", self.posts),
        ):
            self.on(method, f"/xrpc/{re.escape(name)}", route)

    # -- Sessions -----------------------------------------------------------------------------------------------------

    @property
    def access(self) -> str:
        return token_of("com.atproto.appPass", self.count)

    @property
    def refresh(self) -> str:
        return token_of("com.atproto.refresh", self.count)

    def session(self) -> Reply:
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
        return json_reply(
            {
                "accessJwt": self.access,
                "refreshJwt": self.refresh,
                "did": DID,
                "handle": "me.test",
                "didDoc": {"id": DID, "service": [service]},
                "active": True,
            }
        )

    def login(self, request: Request) -> Reply:
        if request.json() != {"identifier": "me.test", "password": "abcd-efgh"}:
            return error("AuthenticationRequired", "Invalid identifier or password", 401)
        return self.refuses.get("login") or self.session()

    def renew(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.refresh}" or request.body:
            return error("ExpiredToken", "Token has been revoked")
        self.count, self.outdated = self.count + 1, False
        return self.session()

    def logout(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.refresh}":
            return error("InvalidToken")
        self.count += 1
        return Reply()

    def refused(self, request: Request) -> Reply | None:
        if self.outdated or request.headers.get("authorization") != f"Bearer {self.access}":
            return error("ExpiredToken", "Token has expired")
        return None

    # -- Videos -------------------------------------------------------------------------------------------------------

    def service_token(self, request: Request) -> Reply:
        token = f"service.{len(self.service_tokens)}"
        refused = self.refused(request)
        if refused is None:
            self.service_tokens[token] = (request.query["aud"], request.query["lxm"])
        return refused or json_reply({"token": token})

    def serves(self, request: Request, method: str) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.service_tokens.get(token) == ("did:web:127.0.0.1", method)

    def upload_limits(self, request: Request) -> Reply:
        if not self.serves(request, "app.bsky.video.getUploadLimits"):
            return error("AuthMissing", status=401)
        return json_reply(self.limits)

    def upload(self, request: Request) -> Reply:
        if not self.serves(request, "com.atproto.repo.uploadBlob"):
            return error("AuthMissing", status=401)
        if request.query.get("did") != DID or request.headers.get("content-type") != "video/mp4":
            return error("InvalidRequest")
        if "upload" in self.refuses:
            return self.refuses["upload"]
        for ident, job in self.jobs.items():
            if job["data"] == request.body and job["state"] != "JOB_STATE_FAILED":
                state = {"did": DID, "jobId": ident, "state": job["state"], "error": "already_exists"}
                return json_reply({**state, "message": "Video already processed"}, 409)
        ident = f"job{len(self.jobs)}"
        self.jobs[ident] = {"data": request.body, "looks": 0, "state": "JOB_STATE_CREATED"}
        return json_reply({"did": DID, "jobId": ident, "state": "JOB_STATE_CREATED"})

    def job(self, request: Request) -> Reply:
        ident = request.query["jobId"]
        job = self.jobs.get(ident)
        if job is None or "authorization" in request.headers:
            return error("InvalidRequest", "job not found")
        job["looks"] += 1
        told: dict[str, Any] = {"jobId": ident, "did": DID, "state": "JOB_STATE_ENCODING", "progress": 50}
        if job["looks"] > self.works_for:
            if self.failures:
                self.failures -= 1
                job["state"] = told["state"] = "JOB_STATE_FAILED"
                told["message"] = "Failed to process video"
            else:
                link = f"bafk{ident}"
                self.blobs[link] = job["data"]
                job["state"] = told["state"] = "JOB_STATE_COMPLETED"
                told["blob"] = {"$type": "blob", "ref": {"$link": link}, "mimeType": "video/mp4", "size": 1}
        return json_reply({"jobStatus": told})

    # -- Records ------------------------------------------------------------------------------------------------------

    def create(self, request: Request) -> Reply:
        told = request.json()
        if (refused := self.refused(request)) is not None:
            return refused
        if told["repo"] != DID or told["collection"] != "app.bsky.feed.post" or not TID.fullmatch(told["rkey"]):
            return error("InvalidRequest")
        if told["rkey"] in self.records:
            return self.taken
        if "create" in self.refuses:
            return self.refuses.pop("create")
        record = told["record"]
        link = record["embed"]["video"]["ref"]["$link"]
        if link not in self.blobs:
            return error("BlobNotFound", f"Could not find blob: {link}")
        self.records[told["rkey"]] = record
        self.posted.append(self.blobs[link])
        return json_reply({"uri": f"at://{DID}/app.bsky.feed.post/{told['rkey']}", "cid": "bafy"})

    def get(self, request: Request) -> Reply:
        record = self.records.get(request.query["rkey"])
        if record is None:
            return error("RecordNotFound", "Could not locate record")
        return json_reply({"uri": f"at://{DID}/app.bsky.feed.post/{request.query['rkey']}", "value": record})

    def delete(self, request: Request) -> Reply:
        refused = self.refused(request)
        if refused is None and self.records.pop(request.json()["rkey"], None) is not None:
            self.posted.pop()
        return refused or json_reply({})

    def posts(self, request: Request) -> Reply:
        key = request.query["uris"].rpartition("/")[2]
        counts = {"likeCount": 3, "replyCount": 1, "repostCount": 2, "quoteCount": 1}
        listed = [{"uri": request.query["uris"], **counts}] if key in self.records else []
        return self.refused(request) or json_reply({"posts": listed})


def open_bluesky(url: str) -> Bluesky:
    return Bluesky(BlueskySettings(_env_file=None, bluesky_base_url=url, bluesky_video_base_url=url))


BLUESKY = Case(
    server=BlueskyServer,
    open=open_bluesky,
    tokens=Tokens(
        access=token_of("com.atproto.appPass", 1),
        refresh=token_of("com.atproto.refresh", 1),
        more={"base_url": "{url}", "did": DID, "handle": "me.test", "pds": "{url}"},
    ),
    account="me.test",
    details={"did": DID, "handle": "me.test", "pds": "{url}"},
)
