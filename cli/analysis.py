"""The analysis of a film of this machine, by the actors' own handlers, without a bus and without a copy of the film."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from actors.downloader.adapters.fetching import RealFetcher
from actors.downloader.ports import CaptionFile, Fetched, Origin, Probe, Tell
from actors.downloader.settings import DownloaderSettings
from actors.downloader.store import Clips
from actors.transcriber.actor import build as build_transcriber
from actors.transcriber.adapters.recognizers import recognizers
from actors.transcriber.settings import RECOGNIZERS, TranscriberSettings
from actors.vlm.actor import build as build_vlm
from actors.vlm.adapters.judging.judge import LocalJudge
from actors.vlm.adapters.local import LocalAnalyzer
from actors.vlm.settings import VlmSettings
from contracts.base import Payload
from contracts.envelope import Event
from contracts.events import CandidateApproved, ClipAnalyzed, ClipDownloaded, ClipTranscribed
from contracts.keys import transcript_uri
from contracts.media import Clip, Transcript
from contracts.sight import Analysis
from contracts.subjects import CLIP_ANALYZED, CLIP_DOWNLOADED, CLIP_TRANSCRIBED, Subject
from runtime.actor import Actor
from runtime.media import FileMediaStore

__all__ = ["SERVICES", "Analysed", "Shown", "analysed", "listening_here"]

P = TypeVar("P", bound=Payload)

Shown = Callable[[str, float | None, str], None]
"""Shows progress: the stage, the share done (none: not known), and a note."""

ONLINE = (
    "A model that judges moments and writes titles is asked by the running system alone (`clipwire up`), which keeps "
    "to the channel's budget"
)

SERVICES = (
    "Captions are read and a speech model of this machine is asked; services that listen, such as Groq, are asked by "
    "the running system alone"
)
LOCAL = "faster-whisper"


@dataclass(frozen=True)
class Analysed:
    """All that is known of a film."""

    film: Path
    clip: Clip
    transcript: Transcript | None
    silent: str | None
    """Why there is no transcript, or no better one."""
    analysis: Analysis
    notes: tuple[str, ...]


async def analysed(order: CandidateApproved, film: Path, folder: Path, show: Shown) -> Analysed:
    """Examine, listen and look. `folder`: for what is needed on the way. Raises `Reject`, `Retry` as the actors do."""
    store = FileMediaStore(folder / "media")

    async def tell(done: float | None, note: str, eta_s: float | None) -> None:
        show("examine", done, note)

    clips = Clips(store, _InPlace(RealFetcher(DownloaderSettings())), folder / "scratch")
    clip = await clips.clip_of(order, tell)
    settings = listening_here(TranscriberSettings())
    transcriber = build_transcriber(
        settings=settings, media=store, recognizers=recognizers(settings, folder / "scratch")
    )
    downloaded = ClipDownloaded(clip=clip, order=order.order)
    heard: ClipTranscribed = await _handled(transcriber, CLIP_DOWNLOADED, downloaded, CLIP_TRANSCRIBED, show)
    sight = VlmSettings()
    vlm = build_vlm(settings=sight, media=store, analyzer=LocalAnalyzer(sight), judge=LocalJudge(ONLINE))
    seen: ClipAnalyzed = await _handled(vlm, CLIP_TRANSCRIBED, heard, CLIP_ANALYZED, show)
    transcript = await store.read(transcript_uri(clip.clip_id), Transcript) if heard.transcript else None
    listened = clip.audio_codec is not None and (transcript is None or not transcript.method.startswith("captions:"))
    notes = (*seen.notes, SERVICES) if listened else seen.notes
    return Analysed(film, clip, transcript, heard.reason, await store.read(seen.analysis, Analysis), notes)


def listening_here(settings: TranscriberSettings) -> TranscriberSettings:
    """The same settings, but only this machine is asked for words: each run would upload the sound, and pay, again."""
    here = [name for name in settings.order if name not in RECOGNIZERS or name == LOCAL]
    return settings.model_copy(update={"transcriber_order": ",".join(here or ("captions", LOCAL))})


class _InPlace:
    """A `Fetcher` that leaves a film where it is: the store gets a link to it."""

    def __init__(self, fetcher: RealFetcher) -> None:
        self._fetcher = fetcher

    async def fetch(self, url: str, folder: Path, tell: Tell) -> Fetched:
        fetched = await self._fetcher.fetch(url, folder, tell)
        link = folder / f"film{fetched.path.suffix}"
        link.symlink_to(fetched.path.resolve())
        return replace(fetched, path=link, ours=True)

    async def captions(self, url: str, folder: Path, origin: Origin) -> CaptionFile:
        return await self._fetcher.captions(url, folder, origin)

    async def probe(self, path: Path, name: str, tell: Tell) -> Probe:
        return await self._fetcher.probe(path, name, tell)


class _Desk:
    """The `Work` of one message whose answers are read here."""

    attempt = 1

    def __init__(self, event: Event[Any], stage: str, show: Shown) -> None:
        self.event = event
        self.said: list[tuple[Subject[Any], Payload]] = []
        self._stage, self._show = stage, show

    def owned(self, owner: str | None) -> _Desk:
        return self  # whoever asks is the operator of this machine

    async def emit(self, subject: Subject[P], data: P, *, once: str | None = None) -> None:
        self.said.append((subject, data))

    async def progress(self, done: float | None = None, note: str = "", *, eta_s: float | None = None) -> None:
        self._show(self._stage, done, note)


async def _handled(actor: Actor, subject: Subject[Any], data: Payload, answer: Subject[P], show: Shown) -> P:
    """What the actor's handler of `subject` says under `answer`."""
    event: Event[Any] = Event(
        id="analyze", source="cli", type=subject.name, subject=data.key, time=datetime.now(UTC), data=data
    )
    desk = _Desk(event, actor.name, show)
    handler: Callable[[Any, Any], Awaitable[None]] = actor.handlers[subject]
    await handler(data, desk)
    said: Any = next(said for about, said in desk.said if about == answer)
    answered: P = said
    return answered
