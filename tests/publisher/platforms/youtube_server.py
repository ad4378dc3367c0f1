"""Stands in for YouTube: the Data API, its uploads, Analytics, and Google's token service."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from actors.publisher.adapters.platforms.resumable import PIECE
from actors.publisher.adapters.platforms.youtube import YouTube, YouTubeSettings
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.resumable_server import UNIT, UploadSession
from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply
from tests.publisher.support import START

__all__ = ["CHANNEL", "SCOPES", "YOUTUBE", "YOUTUBE_IN_PIECES", "YouTubeServer", "google_error", "open_youtube"]

CHANNEL = "UC0123456789abcdefghijkl"
SCOPES = tuple(
    f"https://www.googleapis.com/auth/{name}"
    for name in ("youtube.upload", "youtube.readonly", "youtube.force-ssl", "yt-analytics.readonly")
)
UPLOADS = f"UU{CHANNEL[2:]}"


class YouTubeServer(PlatformServer):
    """`takes`: see `UploadSession`. `refusals`: answers to coming requests, by the name of the resource.

    `hidden`: lists of the uploads in which the newest videos are still missing. `looks`: of the owner at a video before
    it is processed. `ends`: what then becomes of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.access, self.refresh, self.count = "at.1", "rt.1", 1
        self.sessions: dict[str, UploadSession] = {}
        self.takes: list[int] = []
        self.moves = False
        self.refusals: dict[str, list[Reply]] = {}
        self.videos: dict[str, dict[str, Any]] = {}
        self.thumbnails: dict[str, bytes] = {}
        self.captions: dict[str, bytes] = {}
        self.hidden, self.looks = 0, 1
        self.ends: dict[str, str] = {"uploadStatus": "processed"}
        self.file_size: int | None = None
        self.challenge = ""
        self.long_uploads = "allowed"
        self.channels = True
        for method, path, route in (
            ("POST", "/token", self.token),
            ("POST", "/upload/youtube/v3/videos", self.opened),
            ("POST", "/upload/youtube/v3/thumbnails/set", self.thumbnail),
            ("POST", "/upload/youtube/v3/captions", self.captioned),
            ("GET", "/youtube/v3/channels", self.channel),
            ("GET", "/youtube/v3/playlistItems", self.uploads),
            ("GET", "/youtube/v3/videos", self.listed),
            ("DELETE", "/youtube/v3/videos", self.deleted),
            ("PUT", "/youtube/v3/videos", self.updated),
            ("GET", "/v2/reports", self.report),
        ):
            self.on(method, path, self._guarded(route) if path != "/token" else route)
        self.on("PUT", "/upload/youtube/v3/videos", self._guarded(self.piece), partial=True)

    def _guarded(self, route: Any) -> Any:
        def guarded(request: Request) -> Reply:
            if request.headers.get("authorization") != f"Bearer {self.access}":
                return google_error(401, "authError")
            waiting = self.refusals.get(route.__name__)
            return waiting.pop(0) if waiting else route(request)

        return guarded

    # -- Login --------------------------------------------------------------------------------------------------------

    def token(self, request: Request) -> Reply:
        form = request.form()
        if (form.get("client_id"), form.get("client_secret")) != ("client", "secret"):
            return json_reply({"error": "invalid_client"}, 401)
        told: dict[str, Any] = {"expires_in": 3599, "scope": " ".join(SCOPES), "token_type": "Bearer"}
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            if form["code"] != "code" or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != self.challenge:
                return json_reply({"error": "invalid_grant", "error_description": "Malformed auth code."}, 400)
            told["refresh_token"] = self.refresh
        elif form["refresh_token"] != self.refresh:
            why = "Token has been expired or revoked."
            return json_reply({"error": "invalid_grant", "error_description": why}, 400)
        self.count += 1
        self.access = f"at.{self.count}"
        return json_reply({**told, "access_token": self.access})

    # -- Uploads ------------------------------------------------------------------------------------------------------

    def opened(self, request: Request) -> Reply:
        about = request.json()
        if wrong := _wrong(request, about):
            return google_error(400, wrong)
        ident = f"u{len(self.sessions) + 1}"
        size = int(request.headers["x-upload-content-length"])
        self.sessions[ident] = UploadSession(size, about, self.takes)
        return Reply(200, b"", {"Location": f"{self.url}{request.path}?uploadType=resumable&upload_id={ident}"})

    def expire(self) -> None:
        """Upload sessions are gone from now on."""
        self.sessions.clear()

    def piece(self, request: Request) -> Reply:
        session = self.sessions.get(request.query.get("upload_id", ""))
        if session is None:
            return google_error(404, "notFound")
        answer = session.put(request)
        if answer is not None:
            if self.moves and answer.status == 308:
                ident = f"u{len(self.sessions) + 1}"
                self.sessions[ident] = self.sessions.pop(request.query["upload_id"])
                answer.headers["Location"] = f"{self.url}{request.path}?uploadType=resumable&upload_id={ident}"
            return answer
        ident = session.about.setdefault("id", f"vid{len(self.videos) + 1}")
        if ident not in self.videos:
            self.posted.append(session.data)
            self.videos[ident] = self._video(session)
        return json_reply({name: self.videos[ident][name] for name in ("id", "snippet", "status")})

    def _video(self, session: UploadSession) -> dict[str, Any]:
        published = START + timedelta(seconds=len(self.videos))
        size = session.size if self.file_size is None else self.file_size
        return {
            "id": session.about["id"],
            "snippet": {**session.about["snippet"], "publishedAt": published.strftime("%Y-%m-%dT%H:%M:%SZ")},
            "status": {**session.about["status"], "uploadStatus": "uploaded"},
            "paidProductPlacementDetails": session.about["paidProductPlacementDetails"],
            "fileDetails": {"fileSize": str(size)},
            "statistics": {"viewCount": "12345", "likeCount": "321", "favoriteCount": "0"},
            "looks": self.looks,
        }

    def add(self, ident: str, *, tags: list[str], days_ago: float = 0.0) -> None:
        """A video that the channel has from elsewhere."""
        published = (START - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.videos[ident] = {
            "id": ident,
            "snippet": {"title": ident, "tags": tags, "publishedAt": published},
            "status": {"uploadStatus": "processed", "privacyStatus": "public"},
            "looks": 0,
        }

    def thumbnail(self, request: Request) -> Reply:
        video = self.videos[request.query["videoId"]]
        if request.headers["content-type"] != "image/jpeg" or video["status"]["uploadStatus"] != "processed":
            return google_error(400, "invalidImage")
        self.thumbnails[video["id"]] = request.body
        return json_reply({"items": [{"default": {}}]})

    def captioned(self, request: Request) -> Reply:
        boundary = request.headers["content-type"].removeprefix("multipart/related; boundary=").encode()
        _, told, captions, end = request.body.split(b"--" + boundary)
        about = json.loads(told.split(b"\r\n\r\n", 1)[1])["snippet"]
        if end != b"--\r\n" or about["videoId"] not in self.videos or not about["language"]:
            return google_error(400, "invalidMetadata")
        if about["videoId"] in self.captions:
            return google_error(409, "captionExists")
        self.captions[about["videoId"]] = captions.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")
        return json_reply({"id": "caption", "snippet": about})

    # -- What is there ------------------------------------------------------------------------------------------------

    def channel(self, request: Request) -> Reply:
        known = {
            "id": CHANNEL,
            "snippet": {"title": "My channel", "customUrl": "@mine"},
            "contentDetails": {"relatedPlaylists": {"uploads": UPLOADS}},
            "status": {"longUploadsStatus": self.long_uploads},
        }
        shown = {name: known[name] for name in ("id", *request.query["part"].split(","))}
        return json_reply({"items": [shown] if self.channels and request.query["mine"] == "true" else []})

    def uploads(self, request: Request) -> Reply:
        if request.query["playlistId"] != UPLOADS or not self.videos:
            return google_error(404, "playlistNotFound")
        newest = sorted(self.videos.values(), key=lambda video: str(video["snippet"]["publishedAt"]), reverse=True)
        if self.hidden:
            self.hidden -= 1
            newest = [video for video in newest if not video["id"].startswith("vid")]
        start = int(request.query.get("pageToken", "0"))
        page = newest[start : start + int(request.query["maxResults"])]
        more = {"nextPageToken": str(start + len(page))} if start + len(page) < len(newest) else {}
        entries = [
            {
                "snippet": {"publishedAt": video["snippet"]["publishedAt"]},
                "contentDetails": {"videoId": video["id"]},
            }
            for video in page
        ]
        return json_reply({"items": entries, **more})

    def listed(self, request: Request) -> Reply:
        ids = request.query["id"].split(",")
        if len(ids) > 50:
            return google_error(400, "invalidParameter")
        parts = request.query["part"].split(",")
        found = []
        for video in [self.videos[ident] for ident in ids if ident in self.videos]:
            if "processingDetails" in parts:
                video["looks"] -= 1
            if video["looks"] < 0 and video["status"]["uploadStatus"] == "uploaded":
                video["status"].update(self.ends)
            found.append({name: video[name] for name in ("id", *parts) if name in video})
        return json_reply({"items": found})

    def deleted(self, request: Request) -> Reply:
        if self.videos.pop(request.query["id"], None) is None:
            return google_error(404, "videoNotFound")
        return Reply(204)

    def updated(self, request: Request) -> Reply:
        """Of a status, which is replaced: what is left out is erased."""
        about = request.json()
        video, status = self.videos.get(about["id"]), about["status"]
        if video is None:
            return google_error(404, "videoNotFound")
        if request.query["part"] != "status" or not isinstance(status.get("embeddable"), bool):
            return google_error(400, "invalidVideoMetadata")
        if "publishAt" in status and (
            (status["privacyStatus"], video["status"]["privacyStatus"]) != ("private", "private")
            or datetime.fromisoformat(status["publishAt"]) <= START
        ):
            return google_error(400, "invalidPublishAt")
        video["status"] = {**status, "uploadStatus": video["status"]["uploadStatus"]}
        return json_reply({"id": about["id"], "status": video["status"]})

    def report(self, request: Request) -> Reply:
        wanted = {"ids": "channel==MINE", "dimensions": "video", "sort": "-views"}
        if any(request.query.get(name) != value for name, value in wanted.items()):
            return google_error(400, "badRequest")
        columns = ["video", *request.query["metrics"].split(",")]
        ids = request.query["filters"].removeprefix("video==").split(",")
        numbers = {"views": 100, "shares": 7, "estimatedMinutesWatched": 12, "averageViewDuration": 8}
        rows = [[ident, *(numbers[name] for name in columns[1:])] for ident in ids if ident in self.videos]
        heads = [{"name": name} for name in columns]
        return json_reply({"kind": "youtubeAnalytics#resultTable", "columnHeaders": heads, "rows": rows})


def google_error(status: int, reason: str, message: str = "as documented") -> Reply:
    """The error envelope of Google's APIs."""
    errors = [{"message": message, "domain": "youtube", "reason": reason}]
    return json_reply({"error": {"code": status, "message": message, "errors": errors}}, status)


def _wrong(request: Request, about: dict[str, Any]) -> str | None:
    """Why a video is not taken, in YouTube's words."""
    snippet, status = about["snippet"], about["status"]
    parts = set(request.query["part"].split(","))
    if request.query.get("uploadType") != "resumable" or parts != set(about):
        return "invalidParameter"
    if not 1 <= len(snippet["title"]) <= 100 or set("<>") & set(snippet["title"]):
        return "invalidTitle"
    if len(snippet["description"].encode()) > 5000 or set("<>") & set(snippet["description"]):
        return "invalidDescription"
    if len(",".join(snippet["tags"])) + 2 * sum(" " in tag for tag in snippet["tags"]) > 500:
        return "invalidTags"
    if "publishAt" in status and (
        status["privacyStatus"] != "private" or datetime.fromisoformat(status["publishAt"]) <= START
    ):
        return "invalidPublishAt"
    return None if "privacyStatus" in status else "invalidVideoMetadata"


def open_youtube(url: str, *, piece: int = PIECE, **more: Any) -> YouTube:
    """The platform at a server's address."""
    known: dict[str, Any] = {
        "youtube_base_url": url,
        "youtube_analytics_base_url": url,
        "google_oauth_base_url": url,
        "google_oauth_authorize_url": f"{url}/o/oauth2/v2/auth",
        "youtube_client_id": "client",
        "youtube_client_secret": "secret",
    }
    return YouTube(YouTubeSettings(_env_file=None, **{**known, **more}), piece=piece)


YOUTUBE = Case(
    server=YouTubeServer,
    open=open_youtube,
    tokens=Tokens(access="at.1", refresh="rt.1", scopes=SCOPES),
    account=CHANNEL,
    details={"uploads": UPLOADS},
)
YOUTUBE_IN_PIECES = replace(YOUTUBE, open=lambda url: open_youtube(url, piece=2 * UNIT))
