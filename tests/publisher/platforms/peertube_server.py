"""Stands in for an instance of PeerTube: logins, resumable uploads, and what its owner sees of a video."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from actors.publisher.adapters.platforms.peertube import PeerTube, PeerTubeSettings
from actors.publisher.adapters.platforms.resumable import PIECE
from actors.publisher.ports import Platform, Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.resumable_server import UNIT, UploadSession
from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply
from tests.publisher.support import START

__all__ = ["PEERTUBE", "PEERTUBE_IN_PIECES", "PeerTubeServer", "problem"]

CLIENT = {"client_id": "cid", "client_secret": "csecret"}


class PeerTubeServer(PlatformServer):
    """Forgets an upload once its video is there, as PeerTube does. `refusals`: as of the server of YouTube.

    `room`, `daily`: bytes that the user may have, -1 for any. `sources`: whether it tells the names of files.
    """

    def __init__(self) -> None:
        super().__init__()
        self.access, self.refresh, self.count = "at.1", "rt.1", 1
        self.otp = ""
        self.sessions: dict[str, UploadSession] = {}
        self.takes: list[int] = []
        self.refusals: dict[str, list[Reply]] = {}
        self.videos: dict[str, dict[str, Any]] = {}
        self.thumbnails: dict[str, bytes] = {}
        self.captions: dict[str, tuple[str, bytes]] = {}
        self.room = self.daily = -1
        self.sources = True
        self.stats = True
        self.on("GET", "/api/v1/oauth-clients/local", lambda request: json_reply(CLIENT))
        self.on("POST", "/api/v1/users/token", self.token)
        video = r"/api/v1/videos/([\w-]+)"
        for method, path, route in (
            ("GET", "/api/v1/users/me", self.me),
            ("GET", "/api/v1/users/me/video-quota-used", self.used),
            ("GET", "/api/v1/users/me/videos", self.mine),
            ("POST", "/api/v1/videos/upload-resumable", self.opened),
            ("GET", f"{video}/source", self.source),
            ("GET", f"{video}/stats/overall", self.overall),
            ("PUT", rf"{video}/captions/(\w+)", self.captioned),
        ):
            self.on(method, path, self._guarded(route))
        self.on("PUT", "/api/v1/videos/upload-resumable", self._guarded(self.piece), partial=True)
        self.on("GET", video, self._guarded(self.video))
        self.on("PUT", video, self._guarded(self.changed))
        self.on("DELETE", video, self._guarded(self.deleted))

    def _guarded(self, route: Any) -> Any:
        def guarded(request: Request, *caught: str) -> Reply:
            if request.headers.get("authorization") != f"Bearer {self.access}":
                return problem(401, "Unauthorized", "invalid_token")
            waiting = self.refusals.get(route.__name__)
            return waiting.pop(0) if waiting else route(request, *caught)

        return guarded

    # -- Login --------------------------------------------------------------------------------------------------------

    def token(self, request: Request) -> Reply:
        form = request.form()
        if any(form.get(name) != value for name, value in CLIENT.items()):
            return problem(400, "Invalid client: client is invalid", "invalid_client")
        if form["grant_type"] == "password":
            if (form["username"], form["password"], form["response_type"]) != ("me", "secret", "code"):
                return problem(400, "Invalid grant: user credentials are invalid", "invalid_grant")
            told = request.headers.get("x-peertube-otp")
            if self.otp and told is None:
                return problem(401, "Missing two factor header", "missing_two_factor")
            if self.otp and told != self.otp:
                return problem(400, "Invalid two factor header", "invalid_two_factor")
        elif form["refresh_token"] != self.refresh:
            return problem(400, "Invalid grant: refresh token is invalid", "invalid_grant")
        self.count += 1
        self.access, self.refresh = f"at.{self.count}", f"rt.{self.count}"
        return json_reply(
            {
                "token_type": "Bearer",
                "access_token": self.access,
                "refresh_token": self.refresh,
                "expires_in": 86399,
                "refresh_token_expires_in": 1209599,
            }
        )

    def me(self, request: Request) -> Reply:
        channels = [
            {"id": 5, "name": "clips", "displayName": "My clips"},
            {"id": 6, "name": "other", "displayName": "Other"},
        ]
        return json_reply({"videoChannels": channels, "videoQuota": self.room, "videoQuotaDaily": self.daily})

    def used(self, request: Request) -> Reply:
        return json_reply({"videoQuotaUsed": 1000, "videoQuotaUsedDaily": 1000})

    # -- Uploads ------------------------------------------------------------------------------------------------------

    def opened(self, request: Request) -> Reply:
        about = request.json()
        if not 3 <= len(about["name"]) <= 120 or len(about["tags"]) > 5 or about["channelId"] not in {5, 6}:
            return problem(400, "Incorrect request parameters: name, tags, channelId")
        if any(not 2 <= len(tag) <= 30 for tag in about["tags"]):
            return problem(400, "Incorrect request parameters: tags")
        if about["privacy"] == 1 and "scheduleUpdate" in about:
            return problem(400, "Incorrect request parameters: scheduleUpdate")
        ident = f"1-{len(self.sessions) + 1}-{self.count}"
        size = int(request.headers["x-upload-content-length"])
        self.sessions[ident] = UploadSession(size, about, self.takes, none_kept="bytes=0--1")
        return Reply(201, b"", {"Location": f"//inside.example/api/v1/videos/upload-resumable?upload_id={ident}"})

    def piece(self, request: Request) -> Reply:
        session = self.sessions.get(request.query.get("upload_id", ""))
        if session is None:
            return problem(404, "Not found")
        answer = session.put(request)
        if answer is not None:
            return answer
        del self.sessions[request.query["upload_id"]]
        number = len(self.videos) + 42
        created = (START + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        video = {"id": number, "uuid": f"uuid-{number}", "shortUUID": f"short{number}", "createdAt": created}
        self.posted.append(session.data)
        self.videos[str(video["shortUUID"])] = {**session.about, **video, "views": 12, "likes": 3, "comments": 1}
        return json_reply({"video": {name: video[name] for name in ("id", "uuid", "shortUUID")}})

    def add(self, ident: str, name: str, filename: str, *, days_ago: float = 0.0) -> None:
        """A video that the user has from elsewhere."""
        created = (START - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        self.videos[ident] = {"shortUUID": ident, "name": name, "filename": filename, "createdAt": created}

    # -- What is there ------------------------------------------------------------------------------------------------

    def mine(self, request: Request) -> Reply:
        if request.query["sort"] != "-createdAt" or int(request.query["count"]) > 100:
            return problem(400, "Incorrect request parameters")
        newest = sorted(self.videos.values(), key=lambda video: str(video["createdAt"]), reverse=True)
        start = int(request.query["start"])
        shown = [
            {name: video[name] for name in ("shortUUID", "name", "createdAt")}
            for video in newest[start : start + int(request.query["count"])]
        ]
        return json_reply({"total": len(newest), "data": shown})

    def source(self, request: Request, ident: str) -> Reply:
        if ident not in self.videos or not self.sources:
            return problem(404, "Video source not found")
        return json_reply({"inputFilename": self.videos[ident]["filename"]})

    def video(self, request: Request, ident: str) -> Reply:
        return json_reply(self.videos[ident]) if ident in self.videos else problem(404, "Video not found")

    def overall(self, request: Request, ident: str) -> Reply:
        if not self.stats:
            return problem(404, "Not found")
        return json_reply({"totalViewers": 10, "totalWatchTime": 80, "averageWatchTime": 8.0})

    def changed(self, request: Request, ident: str) -> Reply:
        self.thumbnails[ident] = request.parts()["thumbnailfile"]
        return Reply(204) if ident in self.videos else problem(404, "Video not found")

    def captioned(self, request: Request, ident: str, language: str) -> Reply:
        self.captions[ident] = (language, request.parts()["captionfile"])
        return Reply(204) if ident in self.videos else problem(404, "Video not found")

    def deleted(self, request: Request, ident: str) -> Reply:
        return Reply(204) if self.videos.pop(ident, None) else problem(404, "Video not found")


def problem(status: int, detail: str, code: str = "") -> Reply:
    """PeerTube's errors (RFC 9457)."""
    known = {"code": code, "type": f"https://docs.joinpeertube.org/api-rest-reference.html#section/Errors/{code}"}
    return json_reply({"status": status, "detail": detail, "error": detail, **(known if code else {})}, status)


def open_peertube(url: str, *, piece: int = PIECE) -> Platform:
    """The platform; the account's details say where its instance is."""
    return PeerTube(PeerTubeSettings(_env_file=None, peertube_base_url=url), piece=piece)


PEERTUBE = Case(
    server=PeerTubeServer,
    open=open_peertube,
    tokens=Tokens(access="at.1", refresh="rt.1", more={**CLIENT, "base_url": "{url}"}),
    account="clips~instance",
    details={"base_url": "{url}", "channel_id": "5", "channel": "clips"},
)
PEERTUBE_IN_PIECES = replace(PEERTUBE, open=lambda url: open_peertube(url, piece=2 * UNIT))
