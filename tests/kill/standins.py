"""Runs one real actor with stand-ins for media work: `python -m tests.kill.standins ranker`.

Everything else is the real thing: the actor, its decisions, the bus, the media store, the claims.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.media import Candidate, Clip, Rights
from runtime.actor import Actor
from runtime.serve import Resources, serve

CANDIDATES = 120
WORK_S = 0.02
ACTORS = (
    "archiver",
    "discovery",
    "downloader",
    "producer",
    "publisher",
    "ranker",
    "renderer",
    "transcriber",
    "vlm",
)


class ManyVideos:
    """A source that knows `CANDIDATES` videos of the operator's own."""

    async def search(self, query: Any, found: Any) -> None:
        for n in range(CANDIDATES):
            url = f"https://standin.example/{n}"
            rights = Rights(status="owned")
            candidate_id = f"folder:video{n:04d}"
            found.add(Candidate(candidate_id=candidate_id, url=url, title=f"Video {n}", source="folder", rights=rights))


class FakeDownloads:
    """Downloads a few bytes instead of a video."""

    async def fetch(self, url: str, folder: Path, tell: Any) -> Any:
        from actors.downloader.ports import Fetched

        await asyncio.sleep(WORK_S)
        path = folder / "video.mp4"
        path.write_bytes(url.encode())
        return Fetched(path=path, ours=True)

    async def captions(self, url: str, folder: Path, origin: Any) -> Any:
        raise AssertionError("these videos have no captions")

    async def probe(self, path: Path, name: str, tell: Any) -> Any:
        from actors.downloader.ports import Probe

        return Probe(
            container="mp4",
            duration=20.0,
            header_duration=20.0,
            width=1280,
            height=720,
            rotation=0,
            fps=25.0,
            variable_fps=False,
            video_codec="h264",
        )


class QuickLook:
    """Sees one shot."""

    method = "standin/1"

    async def look(self, path: Path, clip: Clip, progress: Any) -> Any:
        from actors.vlm.ports import Sight
        from contracts.sight import Shot

        await asyncio.sleep(WORK_S)
        shot = Shot(start=0, end=clip.duration, brightness=0.5, motion=0.5)
        return Sight(made_from=clip.media.sha256, method=self.method, duration=clip.duration, shots=(shot,))


class QuickRender:
    """Writes a few bytes instead of a short."""

    async def render(self, job: Any, *, outputs: Any, report: Any) -> Any:
        from actors.renderer.ports import Made, Rendered
        from contracts.renders import QualityReport

        await asyncio.sleep(WORK_S)
        (output,) = outputs
        output.video.write_bytes(job.timeline.model_dump_json().encode())
        output.thumbnail.write_bytes(b"picture")
        quality = QualityReport(frames=1, video_seconds=1, audio_seconds=1, sound_offset_ms=0, sharpness=1, bytes=1)
        made = (Made(width=1080, height=1920, quality=quality),)
        return Rendered(made=made, duration=job.timeline.duration, fps=30, encoder="standin")


class Board:
    """A platform that takes every post, also the same one twice: a file with one line for each."""

    name = "board"
    grant = None

    def __init__(self, path: Path) -> None:
        from actors.publisher.core.limits import Limits, Text

        self.path = path
        self.limits = Limits(source="a file", description=Text(5000), title=Text(300))

    async def check(self, session: Any, post: Any) -> None:
        """Takes anything."""

    async def publish(self, session: Any, post: Any, steps: Any) -> Any:
        async def make() -> str:
            await asyncio.sleep(WORK_S)
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(handle, f"{post.publication_id}\n".encode())
            os.close(handle)
            await asyncio.sleep(WORK_S)
            return str(post.publication_id)

        async def ask() -> str | None:
            known = self.path.read_text().split() if self.path.exists() else []
            return post.publication_id if post.publication_id in known else None

        await steps.once("post", make, ask=ask)
        return self._posted(post)

    def _posted(self, post: Any) -> Any:
        from actors.publisher.ports import Posted

        when = datetime(2026, 1, 1, tzinfo=UTC)
        return Posted(
            platform_id=post.publication_id, url=f"https://board.example/{post.publication_id}", published_at=when
        )


def build(name: str, resources: Resources) -> Actor:
    """The real actor of this name, its media work stood in for."""
    media, home = resources.media, resources.settings.home
    if name == "discovery":
        from actors.discovery import actor as discovery
        from actors.discovery.settings import DiscoverySettings

        sources = {"folder": ManyVideos()}
        return discovery.build(settings=DiscoverySettings(), sources=sources, channels=resources.channels, media=media)
    if name == "ranker":
        from actors.ranker import actor as ranker
        from actors.ranker.settings import RankerSettings

        return ranker.build(settings=RankerSettings())
    if name == "producer":
        from actors.producer import actor as producer
        from actors.producer.settings import ProducerSettings

        return producer.build(settings=ProducerSettings(), channels=resources.channels, claims=resources.claims)
    if name == "downloader":
        from actors.downloader import actor as downloader
        from actors.downloader.settings import DownloaderSettings

        scratch = home / "scratch"
        fetcher, channels = FakeDownloads(), resources.channels
        return downloader.build(
            settings=DownloaderSettings(), media=media, fetcher=fetcher, scratch=scratch, channels=channels
        )
    if name == "transcriber":
        from actors.transcriber import actor as transcriber
        from actors.transcriber.settings import TranscriberSettings

        return transcriber.build(settings=TranscriberSettings(), media=media, recognizers=[])
    if name == "vlm":
        from actors.vlm import actor as vlm
        from actors.vlm.adapters.judging.judge import LocalJudge
        from actors.vlm.settings import VlmSettings

        judge = LocalJudge("nobody is asked")
        return vlm.build(settings=VlmSettings(vlm_slots=4), media=media, analyzer=QuickLook(), judge=judge)
    if name == "renderer":
        from actors.renderer import actor as renderer
        from actors.renderer.settings import RendererSettings

        return renderer.build(settings=RendererSettings(renderer_slots=4), media=media, renderer=QuickRender())
    if name == "archiver":
        from actors.archiver import actor as archiver
        from actors.archiver.settings import ArchiverSettings

        return archiver.build(settings=ArchiverSettings(), media=media)
    from actors.publisher import actor as publisher

    return publisher.build(_desk(resources, Board(home / "board.txt")))


def _desk(resources: Resources, board: Any) -> Any:
    import httpx

    from actors.publisher.adapters.calendar import LedgerCalendar
    from actors.publisher.adapters.desk import Desk
    from actors.publisher.adapters.session import OpenSessions
    from actors.publisher.adapters.timers import NatsTimers
    from actors.publisher.settings import PublisherSettings
    from actors.publisher.store import now
    from runtime.timers import Timers

    return Desk(
        settings=PublisherSettings(publisher_quarantine_s=1.0),
        media=resources.media,
        claims=resources.claims,
        channels=resources.channels,
        platforms={board.name: board},
        sessions=OpenSessions(None, httpx.AsyncClient(), clock=now),
        calendar=LedgerCalendar(resources.claims, clock=now, grace=60.0),
        timers=NatsTimers(Timers(resources.bus)),
    )


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """The actor named on the command line."""
    yield build(sys.argv[1], resources)


if __name__ == "__main__":
    serve(compose)
