"""clip.transcribed -> clip.analyzed"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from actors.vlm.adapters.seen.library import PrintLibrary
from actors.vlm.core import DEFAULT_WANTED, METHOD
from actors.vlm.core.mood import directed
from actors.vlm.ports import Analyzer, Case, Judge, Sight
from actors.vlm.settings import VlmSettings
from contracts.events import ClipAnalyzed, ClipTranscribed
from contracts.ids import digest
from contracts.keys import analysis_uri, clip_prefix
from contracts.media import Clip, Transcript
from contracts.sight import Analysis
from contracts.subjects import CLIP_ANALYZED, CLIP_TRANSCRIBED
from runtime.actor import Actor, Work
from runtime.errors import Reject
from runtime.media import MediaStore

__all__ = ["build"]

SEEN = ("shots", "loudness", "framing", "areas", "fades", "people", "sounds", "screens", "active")
"""What an analysis takes over from what was seen, as it is."""
TOLD = ("moments", "reason", "method", "models", "notes", "seen_before")
"""What the event says of an analysis."""

_Document = TypeVar("_Document", bound=BaseModel)


def build(*, settings: VlmSettings, media: MediaStore, analyzer: Analyzer, judge: Judge) -> Actor:
    """The vlm actor: sees by `analyzer`, chooses moments by `judge`, keeps both in `media`."""
    actor = Actor("vlm", slots=settings.vlm_slots)
    studio = _Studio(media, analyzer, judge)

    @actor.listen(CLIP_TRANSCRIBED)
    async def on_clip_transcribed(heard: ClipTranscribed, work: Work) -> None:
        analysis = await studio.analysis(heard, work)
        analyzed = ClipAnalyzed(
            **{name: getattr(heard, name) for name in ("clip", "order", "transcript")},
            **{name: getattr(analysis, name) for name in TOLD},
            analysis=analysis_uri(heard.clip.clip_id),
        )
        await work.emit(CLIP_ANALYZED, analyzed)

    return actor


class _Studio:
    """Makes documents once: a second delivery, or another order for the same clip, finds what is there."""

    def __init__(self, media: MediaStore, analyzer: Analyzer, judge: Judge) -> None:
        self._media = media
        self._analyzer = analyzer
        self._judge = judge
        self._library = PrintLibrary(media)

    async def analysis(self, heard: ClipTranscribed, work: Work) -> Analysis:
        """The finished analysis of this clip with this transcript and this count.

        One that lacks a model's answer is enough for the event that it was made for; the next order asks again.
        """
        clip, wanted = heard.clip, heard.order.clips or DEFAULT_WANTED
        transcript = await self._transcript(heard)
        words = transcript.model_dump(mode="json") if transcript else None
        methods = (METHOD, self._analyzer.method, self._judge.method)
        made_for = digest(*methods, clip.media.sha256, clip.duration, clip.title, words, wanted, heard.order.clips)
        uri = analysis_uri(clip.clip_id)
        known = await self._known(uri, Analysis)
        if known and known.made_for == made_for and (known.event_id == work.event.id or _answered(known)):
            return known
        sight = await self._sight(clip, work)
        case = Case(clip, sight, transcript, wanted, heard.order.channel_id, heard.order.clips)
        judged = await self._judge.judge(case, work.progress)
        analysis = Analysis(
            clip_id=clip.clip_id,
            method=METHOD,
            **{name: getattr(sight, name) for name in SEEN},
            moments=directed(judged.moments, judged.moods, sight),
            reason=judged.reason,
            models=judged.models,
            seen_before=await self._library.seen_before(clip, sight),
            notes=judged.notes,
            made_for=made_for,
            event_id=work.event.id,
            media_sha256=clip.media.sha256,
            warnings=sight.warnings,
        )
        await self._media.write(uri, analysis)
        return analysis

    async def _sight(self, clip: Clip, work: Work) -> Sight:
        """What is seen in the clip; looked at once, however often moments are chosen from it."""
        uri = f"{clip_prefix(clip.clip_id)}/sight.json"
        known = await self._known(uri, Sight)
        if known and (known.made_from, known.method) == (clip.media.sha256, self._analyzer.method):
            return known
        path = await self._media.local(clip.media.uri)
        sight = await self._analyzer.look(path, clip, work.progress)
        await self._media.write(uri, sight)
        return sight

    async def _transcript(self, heard: ClipTranscribed) -> Transcript | None:
        if heard.transcript is None:
            return None
        try:
            return await self._media.read(heard.transcript.uri, Transcript)
        except ValidationError as error:
            raise Reject(
                f"{heard.transcript.uri} is no transcript ({error.error_count()} errors)",
                advice="Drive the clip again from `transcribe`",
                field="transcript.uri",
            ) from error

    async def _known(self, uri: str, model: type[_Document]) -> _Document | None:
        """The document, unless it is missing or of another version; then it is made anew."""
        if not await self._media.exists(uri):
            return None
        try:
            return await self._media.read(uri, model)
        except ValidationError:
            return None


def _answered(analysis: Analysis) -> bool:
    return not any(use.failure for use in analysis.models)
