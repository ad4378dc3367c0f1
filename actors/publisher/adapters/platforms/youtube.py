"""The platform `youtube`: videos and Shorts through the YouTube Data API v3.

A video is found again by the tag `clipwire-<publication_id>` among the channel's uploads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NoReturn
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from actors.publisher.adapters.platforms.answers import object_of, text_of, time_of
from actors.publisher.adapters.platforms.oauth import CodeGrant
from actors.publisher.adapters.platforms.resumable import PIECE, Outcome, Upload, piece_calls
from actors.publisher.adapters.platforms.youtube_after import MANAGE, captioned, finish, is_short
from actors.publisher.adapters.platforms.youtube_calls import Api, items, marker, refuse, took
from actors.publisher.adapters.platforms.youtube_limits import limits_of
from actors.publisher.adapters.platforms.youtube_metrics import ANALYTICS, counts
from actors.publisher.adapters.platforms.youtube_moving import move
from actors.publisher.ports import (
    Answer,
    Call,
    Grant,
    LostError,
    Owner,
    Post,
    Posted,
    Session,
    Steps,
    Tokens,
    UnconfirmedError,
)
from actors.publisher.ports import Api as Sender
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import now
from contracts.publishing import Account, Metrics
from runtime.errors import Reject, Unavailable
from runtime.media import MediaStore
from runtime.settings import Settings

__all__ = ["YouTube", "YouTubeSettings", "open_platform"]

_SCOPE = "https://www.googleapis.com/auth/"
_UPLOAD, _READ = f"{_SCOPE}youtube.upload", f"{_SCOPE}youtube.readonly"
_UNVERIFIED_S = 900.0
"""Longest video of a channel whose owner did not verify a telephone number."""
_PAGE = 50
_PAGES = 40


class YouTubeSettings(Settings):
    """The app of the Google project, and how videos are filed."""

    youtube_base_url: Annotated[str, Field(description="address of Google's YouTube APIs")] = (
        "https://youtube.googleapis.com"
    )
    youtube_analytics_base_url: Annotated[str, Field(description="address of the YouTube Analytics API")] = (
        "https://youtubeanalytics.googleapis.com"
    )
    google_oauth_base_url: Annotated[str, Field(description="address of Google's token service")] = (
        "https://oauth2.googleapis.com"
    )
    google_oauth_authorize_url: Annotated[str, Field(description="address of Google's consent page")] = (
        "https://accounts.google.com/o/oauth2/v2/auth"
    )
    youtube_client_id: Annotated[
        str,
        Field(description="OAuth client of a Google project with the YouTube Data API v3; unset: nobody can connect"),
    ] = ""
    youtube_client_secret: Annotated[SecretStr | None, Field(description="secret of that OAuth client")] = None
    youtube_privacy: Annotated[
        Literal["public", "unlisted", "private"], Field(description="who sees what is published on YouTube")
    ] = "public"
    youtube_category: Annotated[
        str,
        Field(pattern=r"^\d{1,3}$", description="number of YouTube's category: 22 is People & Blogs, 24 Entertainment"),
    ] = "22"
    youtube_captions: Annotated[
        bool,
        Field(
            description="add the captions as a track of their own, at 400 of the project's units each: that leaves 20 "
            "posts a day in place of 100"
        ),
    ] = True
    youtube_units: Annotated[
        int,
        Field(
            ge=500,
            description="units a day that the Google project has beside its uploads; Google gives more on request",
        ),
    ] = 10_000


class YouTube:
    """See `Platform`. `piece`: bytes of one request."""

    name: ClassVar[str] = "youtube"

    def __init__(self, settings: YouTubeSettings, *, piece: int = PIECE) -> None:
        self._piece = piece
        secret = settings.youtube_client_secret
        self._captions = settings.youtube_captions
        self._api = Api(
            settings.youtube_base_url.rstrip("/"),
            settings.youtube_analytics_base_url.rstrip("/"),
            category=settings.youtube_category,
            privacy=settings.youtube_privacy,
        )
        self.limits = limits_of(
            units=settings.youtube_units,
            captions=settings.youtube_captions,
            public=settings.youtube_privacy == "public",
        )
        self.grant: Grant | None = CodeGrant(
            service="YouTube",
            setting="CLIPWIRE_YOUTUBE",
            authorize_url=settings.google_oauth_authorize_url,
            token_url=f"{settings.google_oauth_base_url.rstrip('/')}/token",
            client_id=settings.youtube_client_id,
            client_secret=secret.get_secret_value() if secret else "",
            scopes=(_UPLOAD, _READ, MANAGE, ANALYTICS),
            authorize_more={"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"},
        )

    async def owners(self, api: Sender, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`: the channel that was chosen on the consent page."""
        call = self._api.get("channels", part="snippet,contentDetails", mine="true", maxResults="50")
        call = replace(call, headers={"Authorization": f"Bearer {tokens.access}"}, authorize=False)
        answer = took(await api.ask(call), "YouTube does not tell the channel", now())
        found = [
            Owner(channel["id"], text_of(channel, "snippet", "title") or channel["id"], tokens, _details(channel))
            for channel in items(answer)
            if text_of(channel, "id")
        ]
        if not found:
            raise Reject(
                "the Google account has no YouTube channel",
                advice="Make one at youtube.com, then connect the account again",
            )
        return found

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`: what was agreed to, and whether the channel may upload more than 15 minutes."""
        scopes = session.tokens.scopes
        if scopes and not {_UPLOAD, MANAGE} & set(scopes):
            raise Reject(
                f"{session.account.title} did not let Clipwire upload",
                advice="Connect the account again, and agree to everything that YouTube asks",
                field="account_id",
            )
        if post.film.duration > _UNVERIFIED_S:
            channels = await self._list(session, self._api.get("channels", part="status", mine="true"))
            if any(text_of(each, "status", "longUploadsStatus") in {"eligible", "disallowed"} for each in channels):
                raise Reject(
                    f"the channel may not upload more than 15 minutes, and this has {post.film.duration / 60:.1f}",
                    advice="Verify the channel at youtube.com/verify, or publish a shorter span",
                )

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`."""
        wire = _Wire(self, self._api, session, post)
        outcome = await Upload(session, post.film, steps, wire, piece=self._piece).finished()
        try:
            notes = await finish(session, self._api, post, outcome["id"], captions=self._captions)
        except Reject:
            await steps.drop("video", "upload")  # YouTube shows it to nobody, so that it may be sent anew
            raise
        return _posted(post, outcome["id"], datetime.fromisoformat(outcome["at"]), tuple(notes))

    async def find(self, session: Session, post: Post, since: datetime | None = None) -> Posted | None:
        """See `Platform.find`: by its tag among the uploads, which their owner sees whatever their privacy; `since`:
        it is no older."""
        uploads = session.account.details.get("uploads") or f"UU{post.account[2:]}"
        page: dict[str, str] = {}
        for _ in range(_PAGES):
            call = self._api.get(
                "playlistItems", part="snippet,contentDetails", playlistId=uploads, maxResults=str(_PAGE), **page
            )
            answer = await session.ask(call)
            if answer.status == 404:  # a channel without any upload has no such list
                return None
            listed = items(took(answer, "YouTube does not list the channel's uploads", session.now))
            found = await self._marked(session, post, [text_of(each, "contentDetails", "videoId") for each in listed])
            if found is not None:
                return found
            page = {"pageToken": text_of(answer.json(), "nextPageToken")}
            times = [time_of(each, "snippet", "publishedAt") for each in listed]
            older = since is not None and bool(listed) and all(time is not None and time < since for time in times)
            if older or not page["pageToken"]:
                return None
        raise UnconfirmedError(
            f"the video is not among the {_PAGES * _PAGE} newest of the channel",
            advice="Look for it in YouTube Studio, then say whether it is there",
        )

    async def move(self, session: Session, platform_id: str, at: datetime) -> None:
        """See `Moves.move`."""
        await move(session, self._api, platform_id, at)

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`. What is not there is deleted."""
        answer = await session.ask(self._api.delete(platform_id))
        if answer.status != 404:
            took(answer, f"the video {platform_id} was not deleted", session.now)

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`."""
        return await counts(session, self._api, platform_ids)

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        pieces = piece_calls("{upload_url}", post.film, post.film.content_type, self._piece)
        calls = [self._api.open(post, now()), *pieces]
        if self._captions and captioned(post, tokens.scopes) and post.captions is not None:
            calls.append(self._api.captions(post, "{video_id}", post.captions.read_bytes()))
        return [*calls, self._api.thumbnail(post, "{video_id}", post.cover.stat().st_size)]

    async def _list(self, session: Session, call: Call) -> list[dict[str, Any]]:
        return items(took(await session.ask(call), "YouTube does not answer what it was asked", session.now))

    async def _marked(self, session: Session, post: Post, videos: Sequence[str]) -> Posted | None:
        """The video with the marker, unless YouTube has refused it."""
        if not any(videos):
            return None
        call = self._api.get("videos", part="snippet,status", id=",".join(filter(None, videos)))
        for video in await self._list(session, call):
            tags = object_of(video, "snippet").get("tags")
            dead = text_of(video, "status", "uploadStatus") in {"failed", "rejected", "deleted"}
            if isinstance(tags, list) and marker(post) in tags and not dead:
                return _posted(post, text_of(video, "id"), time_of(video, "snippet", "publishedAt") or session.now)
        return None


@dataclass(frozen=True)
class _Wire:
    """See `Wire`."""

    platform: YouTube
    api: Api
    session: Session
    post: Post

    seen_after: ClassVar[float] = 900.0

    @property
    def content_type(self) -> str:
        return self.post.film.content_type

    async def open(self) -> str:
        answer = await self.session.ask(self.api.open(self.post, self.session.now))
        took(answer, f"YouTube does not take {self.post.title!r}", self.session.now)
        return self.address(answer.headers.get("location", ""))

    def address(self, location: str) -> str:
        """Google's own hosts only: the account's token goes there."""
        there, here = urlsplit(location), urlsplit(self.api.base_url)
        google = there.scheme == "https" and (there.hostname or "").endswith(".googleapis.com")
        if not google and (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise Unavailable(
                "YouTube began the upload without saying where it goes", advice="Check CLIPWIRE_YOUTUBE_BASE_URL"
            )
        return location

    def outcome(self, answer: Answer) -> Outcome:
        told = answer.json()
        if not text_of(told, "id"):
            raise LostError("YouTube took the video and did not tell its id")
        at = time_of(told, "snippet", "publishedAt") or self.session.now
        return {"id": text_of(told, "id"), "at": at.isoformat()}

    def refused(self, answer: Answer) -> NoReturn:
        refuse(answer, f"YouTube does not take {self.post.title!r}", self.session.now)

    async def find(self, since: datetime) -> Outcome | None:
        found = await self.platform.find(self.session, self.post, since)
        return {"id": found.platform_id, "at": found.published_at.isoformat()} if found else None


def _posted(post: Post, video: str, at: datetime, notes: tuple[str, ...] = ()) -> Posted:
    page = f"https://www.youtube.com/shorts/{video}" if is_short(post) else f"https://www.youtube.com/watch?v={video}"
    return Posted(video, page, max(at, post.publish_at) if post.publish_at else at, notes)


def _details(channel: Mapping[str, Any]) -> dict[str, str]:
    uploads = text_of(channel, "contentDetails", "relatedPlaylists", "uploads")
    handle = text_of(channel, "snippet", "customUrl")
    return {name: value for name, value in {"uploads": uploads, "handle": handle}.items() if value}


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> YouTube:
    """YouTube, as the settings have it. Asks nothing yet."""
    return YouTube(YouTubeSettings())
