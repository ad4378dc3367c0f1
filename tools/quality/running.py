"""The real analysis of a talk, as the actors do it: transcript of its captions, the child that looks, the choice."""

from __future__ import annotations

import asyncio
import resource
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from actors.transcriber.adapters.sounding import Soundings
from actors.transcriber.settings import TranscriberSettings
from actors.transcriber.store import Transcripts
from actors.vlm.adapters.local import LocalAnalyzer
from actors.vlm.core import choose
from actors.vlm.ports import Sight
from actors.vlm.settings import VlmSettings
from contracts.keys import clip_prefix
from contracts.media import Candidate, CaptionTrack, Clip, MediaRef, Transcript
from contracts.sight import Moment
from runtime.media import FileMediaStore
from tools.quality.making.talk import Talk

__all__ = ["TOP", "Outcome", "outcome"]

TOP = 4
"""A planted moment must be among the first so many; that is also how many are asked for."""


@dataclass(frozen=True)
class Outcome:
    """What the analysis said, and what it took by the clock and the processor. `reason`: of the transcriber."""

    transcript: Transcript | None
    reason: str | None
    sight: Sight
    moments: tuple[Moment, ...]
    seconds: float
    processor: float


async def _ignore(*_said: object) -> None:
    return None


def outcome(talk: Talk, *, wanted: int = TOP) -> Outcome:
    """Analyse a talk and ask for so many moments. Blocking."""
    with tempfile.TemporaryDirectory(prefix="clipwire-quality-") as folder:
        return asyncio.run(_outcome(talk, FileMediaStore(Path(folder)), wanted))


async def _outcome(talk: Talk, media: FileMediaStore, wanted: int) -> Outcome:
    clip = await _clip(talk, media)
    path = await media.local(clip.media.uri)
    begun, used = time.monotonic(), _processor()
    settings = TranscriberSettings(transcriber_order="captions")
    most = settings.transcriber_max_caption_bytes
    transcripts = Transcripts(media, Soundings(settings), (), order=settings.order, max_caption_bytes=most)
    found, reason = await transcripts.of(clip, _ignore)
    transcript = await media.read(found.uri, Transcript) if found else None
    sight = await LocalAnalyzer(VlmSettings()).look(path, clip, _ignore)
    moments = choose(sight, transcript, duration=clip.duration, wanted=wanted, title=clip.title)
    return Outcome(transcript, reason, sight, moments, time.monotonic() - begun, _processor() - used)


def _processor() -> float:
    """Processor seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def _clip(talk: Talk, media: FileMediaStore) -> Clip:
    """The talk as the downloader would hand it on."""
    truth = talk.truth
    ident = f"file:quality-{truth.seed}"
    video = f"{clip_prefix(ident)}/source.mp4"
    ref = await _stored(media, talk.video, video, "video/mp4")
    tracks: tuple[CaptionTrack, ...] = ()
    if truth.captions:
        uri = f"{clip_prefix(ident)}/{truth.captions.file}"
        await _stored(media, talk.folder / truth.captions.file, uri, "text/plain")
        tracks = (CaptionTrack(uri=uri, format=truth.captions.format, language=truth.language, origin="source"),)
    return Clip(
        clip_id=ident,
        source_url=talk.video.as_uri(),
        title=truth.title,
        media=ref,
        duration=truth.duration,
        width=truth.width,
        height=truth.height,
        fps=truth.fps,
        video_codec="h264",
        audio_codec="aac" if truth.sound else None,
        captions=tracks,
        candidate=Candidate(
            candidate_id=ident, url=talk.video.as_uri(), title=truth.title, source="quality", language=truth.language
        ),
    )


async def _stored(media: FileMediaStore, file: Path, uri: str, content_type: str) -> MediaRef:
    async with media.writing(uri, content_type) as draft:
        shutil.copyfile(file, draft.path)
    return draft.ref
