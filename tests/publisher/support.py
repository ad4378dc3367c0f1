"""What the tests of the publisher share: a finished render in a media store, and workers that die at a chosen step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from actors.publisher.actor import build
from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.adapters.desk import Desk
from actors.publisher.adapters.platforms.outbox import Outbox
from actors.publisher.adapters.session import OpenSessions
from actors.publisher.ports import Film, Platform, Post, Session
from actors.publisher.settings import PublisherSettings
from contracts.base import Payload
from contracts.envelope import Event
from contracts.events import PublishRequested
from contracts.ids import event_id as make_event_id
from contracts.ids import render_id
from contracts.keys import render_prefix, render_uri
from contracts.media import MediaRef, Rights
from contracts.renders import Recipe, Render
from contracts.subjects import PUBLISH_REQUESTED, Subject
from runtime.actor import Actor
from runtime.claims import Claim, Claims
from runtime.media import FileMediaStore, MediaStore
from tests.support.channels import MemoryChannels
from tests.support.claims import MemoryClaims
from tests.support.work import RecordedWork

P = TypeVar("P", bound=Payload)
PRIVATE = {"CLIPWIRE_PUBLISHER_PRIVATE_HOSTS": "127.0.0.1"}
"""For processes that ask the servers of tests."""
SETTINGS = PublisherSettings(_env_file=None)
"""Read once: a worker's settings are the same each time."""
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Killed(BaseException):
    """A worker dies: like a `kill -9`, no handler of ours catches it."""


class DyingClaims:
    """Claims whose worker dies at the Nth call: right before it, or right after it was stored."""

    def __init__(self, real: Claims, *, at: int, after: bool) -> None:
        self._real = real
        self._left = at
        self._after = after

    def _count(self) -> bool:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        return self._left == 0

    async def take(self, key: str, owner: str) -> Claim:
        last = self._count()
        claim = await self._real.take(key, owner)
        if last:
            raise Killed
        return claim

    async def advance(self, claim: Claim, step: str, *, owner: str | None = None, **data: Any) -> Claim:
        last = self._count()
        claim = await self._real.advance(claim, step, owner=owner, **data)
        if last:
            raise Killed
        return claim

    async def get(self, key: str) -> Claim | None:
        last = self._count()
        claim = await self._real.get(key)
        if last:
            raise Killed
        return claim


async def a_render(
    media: MediaStore,
    *,
    start: float = 1.0,
    title: str = "A short",
    captions: bool = True,
    rights: Rights | None = None,
) -> Render:
    """A finished render whose files and document are in the store. Its video is some bytes: nobody decodes it here.

    They are 1.1 MB: three pieces of a resumable upload, a first, a middle and a last one, as tests cut it.
    """
    ident = render_id("file:abc", start, start + 20, {})
    files: dict[str, MediaRef] = {}
    kinds = {"video": ("short.mp4", "video/mp4"), "thumbnail": ("thumb.jpg", "image/jpeg")}
    if captions:
        kinds["captions"] = ("short.srt", "application/x-subrip")
    for kind, (name, content_type) in kinds.items():
        async with media.writing(f"{render_prefix(ident)}/{name}", content_type) as draft:
            draft.path.write_bytes(f"{kind} of {ident} ".encode() * (33_000 if kind == "video" else 500))
        files[kind] = draft.ref
    render = Render(
        render_id=ident,
        clip_id="file:abc",
        start=start,
        end=start + 20,
        recipe=Recipe(),
        title=title,
        description="What it is about",
        tags=("ai", "tools & more"),
        video=files["video"],
        thumbnail=files["thumbnail"],
        captions=files.get("captions"),
        duration=20.0,
        width=1080,
        height=1920,
        fps=30.0,
        encoder="libx264",
        seconds_spent=2.5,
        rights=rights or Rights(status="licensed", licence="CC-BY-4.0", attribution="“A” by B, CC BY 4.0"),
    )
    await media.write(render_uri(ident), render)
    return render


class Stream:
    """What is stored on the bus: an id that it knows is dropped, for as long as it remembers ids (two days)."""

    def __init__(self) -> None:
        self.stored: list[tuple[str, Payload]] = []
        self._known: set[str] = set()

    def forget(self) -> None:
        """More than two days pass."""
        self._known.clear()

    def of(self, subject: Subject[P]) -> list[P]:
        return [data for name, data in self.stored if name == subject.name and isinstance(data, subject.model)]

    async def deliver(
        self, actor: Actor, data: PublishRequested, *, event_id: str = "cause-1", dies_after_emit: bool = False
    ) -> None:
        """Hand a request to the publisher. What it emitted stays stored, also if it dies later."""
        event: Event[Any] = Event(
            id=event_id, source="test", type=PUBLISH_REQUESTED.name, subject=data.key, time=START, data=data
        )
        await actor.handlers[PUBLISH_REQUESTED](data, StreamedWork(event, self, dies_after_emit=dies_after_emit))

    def store(self, ident: str, name: str, data: Payload) -> None:
        if ident not in self._known:
            self._known.add(ident)
            self.stored.append((name, data))


class StreamedWork(RecordedWork):
    """Emits onto a stream that outlives it; its worker may die right after the emission was stored."""

    def __init__(self, event: Event[Any], stream: Stream, *, dies_after_emit: bool) -> None:
        super().__init__(event)
        self._stream = stream
        self._dies = dies_after_emit

    async def emit(self, subject: Subject[P], data: P, *, once: str | None = None) -> None:
        self._stream.store(str(make_event_id(once or self.event.id, subject.name, data.key)), subject.name, data)
        if self._dies:
            raise Killed


class MemoryTimers:
    """Timers in memory: a test brings the requests back."""

    def __init__(self) -> None:
        self.set: dict[str, tuple[datetime, PublishRequested]] = {}
        self.causes: dict[str, Event[Any]] = {}

    async def at(self, when: datetime, request: PublishRequested, cause: Event[Any]) -> None:
        self.causes[request.publication_id] = cause
        self.set[request.publication_id] = (when, request)

    async def cancel(self, publication_id: str) -> None:
        self.set.pop(publication_id, None)


async def _unheard(done: float) -> None:
    return None


class Bench:
    """A media store, an outbox and claims; `publisher` is a worker on them, as another process would have it."""

    def __init__(self, folder: Path) -> None:
        self.media = FileMediaStore(folder / "media")
        self.folder = folder / "outbox"
        self.claims = MemoryClaims()
        self.channels = MemoryChannels()
        self.timers = MemoryTimers()
        self.clock = Clock()
        self.sessions = OpenSessions(None, httpx.AsyncClient(verify=False), clock=self.clock)
        self.stream = Stream()

    def outbox(self, *, base_url: str | None = None) -> Outbox:
        return Outbox(self.folder, media=self.media, base_url=base_url, clock=self.clock)

    def publisher(self, claims: Claims | None = None, *, platform: Platform | None = None) -> Actor:
        place = platform or self.outbox()
        return build(
            Desk(
                settings=SETTINGS,
                media=self.media,
                claims=claims or self.claims,
                channels=self.channels,
                platforms={place.name: place},
                sessions=self.sessions,
                calendar=LedgerCalendar(self.claims, clock=self.clock, grace=120),
                timers=self.timers,
                clock=self.clock,
            )
        )

    async def session(self, account: str = "default") -> Session:
        return await self.sessions.open(self.outbox(), f"outbox:{account}", _unheard)

    def published(self, account: str = "default") -> list[str]:
        """Names of all that is in an account's folder, hidden ones too, but the lock and the feeds."""
        own = {".lock", "feed.xml", "atom.xml", "feed.json"}
        return sorted(path.name for path in (self.folder / account).iterdir() if path.name not in own)


def request(render: Render, account: str = "default", **more: Any) -> PublishRequested:
    return PublishRequested(render_id=render.render_id, account_id=f"outbox:{account}", **more)


def post_of(render: Render, account: str = "default", *, description: str = "") -> Post:
    return Post(
        publication_id=request(render, account).publication_id,
        account_id=f"outbox:{account}",
        account=account,
        render=render,
        film=Film(Path("absent.mp4"), render.video.bytes, render.video.sha256, "video/mp4", 1080, 1920, 20.0, 30.0),
        cover=Path("absent.jpg"),
        captions=None,
        title=render.title,
        description=description,
    )
