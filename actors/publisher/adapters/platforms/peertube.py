"""The platform `peertube`: any instance of PeerTube, through its REST API.

A video is found again by the name of its file, `<publication_id>.mp4`, which PeerTube keeps for the owner alone.
Source: PeerTube's REST API reference; the protocol of node-uploadx.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, NoReturn
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import Field

from actors.publisher.adapters.platforms.answers import number_of, object_of, objects_of, time_of, whole_of
from actors.publisher.adapters.platforms.notes import noted
from actors.publisher.adapters.platforms.peertube_calls import (
    base_of,
    captions,
    filename,
    ident_of,
    opening,
    refuse,
    thumbnail,
    took,
    video_url,
)
from actors.publisher.adapters.platforms.peertube_login import PasswordGrant
from actors.publisher.adapters.platforms.resumable import PIECE, Outcome, Upload, piece_calls
from actors.publisher.core.limits import Chapters, Hashtags, Limits, Text
from actors.publisher.ports import (
    Answer,
    Api,
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
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import now
from contracts.publishing import Account, Metrics
from runtime.errors import Reject, Retry, Unavailable
from runtime.media import MediaStore
from runtime.settings import Settings

__all__ = ["PeerTube", "PeerTubeSettings", "open_platform"]

_PAGE = 25


class PeerTubeSettings(Settings):
    """The instance that most accounts are on."""

    peertube_base_url: Annotated[
        str,
        Field(description="address of the PeerTube instance that is offered when an account is connected"),
    ] = ""


class PeerTube:
    """See `Platform`. `piece`: bytes of one request."""

    name: ClassVar[str] = "peertube"
    limits = Limits(
        source="PeerTube REST API, videos/upload-resumable",
        title=Text(120, least=3),
        description=Text(10_000),
        hashtags=Hashtags(5, place="field"),
        chapters=Chapters(),
        content_types=("video/mp4", "video/webm", "video/quicktime", "video/x-matroska"),
        schedules=(timedelta(minutes=15), timedelta(days=365)),
        by_hand="Change its time on PeerTube, in the settings of the video, where its privacy is “Scheduled”",
    )

    def __init__(self, settings: PeerTubeSettings, *, piece: int = PIECE) -> None:
        self._piece = piece
        self.grant: Grant | None = PasswordGrant(settings.peertube_base_url)

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`: one channel, because its refresh tokens are good for one use and cannot be shared."""
        base, wanted = tokens.more["base_url"], tokens.more.get("channel", "")
        call = Call("GET", f"{base}/api/v1/users/me", headers={"Authorization": f"Bearer {tokens.access}"})
        answer = await api.ask(replace(call, authorize=False))
        channels = objects_of(answer.json(), "videoChannels")
        for channel in channels:
            if whole_of(channel, "id") is not None and wanted in {"", channel.get("name")}:
                host = urlsplit(base).netloc
                details = {"base_url": base, "channel_id": str(channel["id"]), "channel": str(channel.get("name"))}
                name = re.sub(r"[^A-Za-z0-9._~-]", "-", f"{channel.get('name')}~{host}")
                return [Owner(name, f"{channel.get('displayName') or channel.get('name')} ({host})", tokens, details)]
        known = ", ".join(str(each.get("name")) for each in channels) or "none"
        raise Reject(
            f"there is no channel {wanted!r} of yours on {base}",
            advice=f"Connect again and name one of: {known}",
            field="channel",
        )

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`: the room that the instance gives."""
        base = base_of(session.account)
        allowed = took(await session.ask(Call("GET", f"{base}/api/v1/users/me")), "it does not tell your room")
        used = took(
            await session.ask(Call("GET", f"{base}/api/v1/users/me/video-quota-used")), "it does not tell your room"
        )
        if _over(whole_of(allowed, "videoQuota"), whole_of(used, "videoQuotaUsed"), post.film.bytes):
            raise Reject(
                f"{post.film.bytes / 1e6:.1f} MB do not fit into what is left of your room on {base}",
                advice="Delete videos there, or ask the instance for more room",
            )
        if _over(whole_of(allowed, "videoQuotaDaily"), whole_of(used, "videoQuotaUsedDaily"), post.film.bytes):
            raise Retry(
                f"today's room on {base} is used up",
                after=3600.0,
                advice="It is tried again every hour; the instance's administrator can raise it",
            )

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`."""
        wire = _Wire(self, session, post)
        outcome = await Upload(session, post.film, steps, wire, piece=self._piece).finished()
        notes: list[str] = []
        base, video = base_of(session.account), outcome["id"]
        await noted(session, notes, "the thumbnail was not set", lambda: _add(session, thumbnail(base, post, video)))
        if (call := captions(base, post, video)) is not None:
            await noted(session, notes, "the captions were not added", lambda: _add(session, call))
        if post.disclosure.synthetic or post.disclosure.paid_promotion:
            notes.append("PeerTube has no mark for what is synthetic or paid for; say it in the description")
        return replace(_posted(base, post, video, datetime.fromisoformat(outcome["at"])), notes=tuple(notes))

    async def find(self, session: Session, post: Post, since: datetime | None = None) -> Posted | None:
        """See `Platform.find`: by the name of its file, among the account's videos, none of them before `since`."""
        base, start = base_of(session.account), 0
        while True:
            params = {"sort": "-createdAt", "count": str(_PAGE), "start": str(start)}
            answer = await session.ask(Call("GET", f"{base}/api/v1/users/me/videos", params=params))
            listed = took(answer, "it does not list your videos").get("data")
            if not isinstance(listed, list):
                raise Unavailable("the instance does not list your videos", advice="It is asked again by itself")
            for video in objects_of(listed):
                created = time_of(video, "createdAt")
                if since is not None and created is not None and created < since:
                    return None
                if await self._is_of(session, post, video):
                    return _posted(base, post, ident_of(video), created or session.now)
            if not listed:
                return None
            start += len(listed)

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`. What is not there is deleted."""
        answer = await session.ask(Call("DELETE", video_url(base_of(session.account), platform_id)))
        if answer.status != 404:
            took(answer, f"the video {platform_id} was not deleted")

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`: counters of the video, and what the instance measured of its viewers."""
        counted: dict[str, Metrics] = {}
        for ident in platform_ids:
            url = video_url(base_of(session.account), ident)
            answer = await session.ask(Call("GET", url))
            if answer.status == 404:
                continue
            told = took(answer, f"it does not tell the counts of {ident}")
            seen = (await session.ask(Call("GET", f"{url}/stats/overall"))).json()
            counted[ident] = Metrics(
                views=whole_of(told, "views"),
                likes=whole_of(told, "likes"),
                comments=whole_of(told, "comments"),
                reach=whole_of(seen, "totalViewers"),
                watched_s=number_of(seen, "totalWatchTime"),
                average_s=number_of(seen, "averageWatchTime"),
            )
        return counted

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        base, film = base_of(account), post.film
        pieces = piece_calls("{upload_url}", film, "application/octet-stream", self._piece)
        spoken = captions(base, post, "{video_id}")
        extras = [thumbnail(base, post, "{video_id}"), *([spoken] if spoken else [])]
        return [opening(account, post, now()), *pieces, *extras]

    async def _is_of(self, session: Session, post: Post, video: Mapping[str, Any]) -> bool:
        """Whether a video's file has the publication's name."""
        answer = await session.ask(Call("GET", f"{video_url(base_of(session.account), ident_of(video))}/source"))
        told = answer.json()
        name = told.get("inputFilename") or told.get("filename")
        if name is None and video.get("name") == post.title:
            raise UnconfirmedError(
                f"the instance has a video {post.title!r} and does not tell whether it is this one",
                advice="Look at your videos there, then say whether it is there",
            )
        return bool(name == filename(post))


@dataclass(frozen=True)
class _Wire:
    """See `Wire`."""

    platform: PeerTube
    session: Session
    post: Post
    content_type: ClassVar[str] = "application/octet-stream"
    seen_after: ClassVar[float] = 0.0

    async def open(self) -> str:
        answer = await self.session.ask(opening(self.session.account, self.post, self.session.now))
        if not answer.ok:
            self.refused(answer)
        return self.address(answer.headers.get("location", ""))

    def address(self, location: str) -> str:
        """Only the id counts: instances behind proxies tell the rest wrong."""
        ident = parse_qs(urlsplit(location).query).get("upload_id")
        if not ident:
            raise Unavailable("the instance began the upload without telling its id", advice="It is tried again")
        return f"{base_of(self.session.account)}/api/v1/videos/upload-resumable?upload_id={quote(ident[0], safe='')}"

    def outcome(self, answer: Answer) -> Outcome:
        ident = ident_of(object_of(answer.json(), "video"))
        if not ident:
            raise LostError("the instance took the video and did not tell its id")
        return {"id": ident, "at": self.session.now.isoformat()}

    def refused(self, answer: Answer) -> NoReturn:
        refuse(answer, f"{base_of(self.session.account)} does not take {self.post.title!r}")

    async def find(self, since: datetime) -> Outcome | None:
        found = await self.platform.find(self.session, self.post, since)
        return {"id": found.platform_id, "at": found.published_at.isoformat()} if found else None


async def _add(session: Session, call: Call) -> None:
    took(await session.ask(call), "the instance refused it")


def _posted(base: str, post: Post, video: str, at: datetime) -> Posted:
    return Posted(video, f"{base}/w/{video}", max(at, post.publish_at) if post.publish_at else at)


def _over(allowed: int | None, used: int | None, more: int) -> bool:
    """Whether there is no room; -1 is room without end."""
    return allowed is not None and used is not None and 0 <= allowed < used + more


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> PeerTube:
    """PeerTube, as the settings have it. Asks nothing yet."""
    return PeerTube(PeerTubeSettings())
