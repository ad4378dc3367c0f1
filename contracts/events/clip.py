"""Events about the media of a candidate."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.base import MediaUri, Payload
from contracts.media import Clip, Order, TranscriptRef
from contracts.sight import ModelUse, Moment, SeenBefore

__all__ = ["ClipAnalyzed", "ClipDownloaded", "ClipTranscribed"]


class ClipDownloaded(Payload):
    """The media of a candidate is in the media store."""

    clip: Clip
    order: Order = Order()

    @property
    def key(self) -> str:
        return self.clip.clip_id


class ClipTranscribed(Payload):
    """What is said in a clip is known, or why it is not."""

    clip: Clip
    order: Order = Order()
    transcript: TranscriptRef | None = None
    reason: Annotated[str | None, Field(description="why there is no transcript, and what would give one")] = None

    @property
    def key(self) -> str:
        return self.clip.clip_id


class ClipAnalyzed(Payload):
    """What is seen in a clip is known, and which moments can stand alone."""

    clip: Clip
    order: Order = Order()
    transcript: TranscriptRef | None = None
    analysis: MediaUri
    moments: tuple[Moment, ...]
    reason: Annotated[
        str | None, Field(description="why there are no moments, where spans that can stand alone were left out")
    ] = None
    method: str
    seen_before: Annotated[tuple[SeenBefore, ...], Field(description="what of it is in another clip too")] = ()
    models: Annotated[tuple[ModelUse, ...], Field(description="what models were asked, and what it cost")] = ()
    notes: Annotated[tuple[str, ...], Field(description="what would make the analysis better, in words")] = ()

    @property
    def key(self) -> str:
        return self.clip.clip_id
