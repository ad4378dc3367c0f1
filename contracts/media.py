"""Value types of what was found and heard: candidates, rights, clips, transcripts."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.base import (
    CandidateId,
    ChannelId,
    Contract,
    MediaUri,
    RecipeName,
    Seconds,
    Timestamp,
    Unit,
)

__all__ = [
    "Candidate",
    "MOST_PIXELS",
    "CaptionTrack",
    "Clip",
    "Color",
    "MediaRef",
    "Order",
    "Rights",
    "ScorePart",
    "Sentence",
    "Stretch",
    "Transcript",
    "TranscriptRef",
    "Word",
]

MOST_PIXELS = 36_000_000
"""Of one picture, where nothing else is set: 8K has 33 million, and a decoder needs up to 40 bytes for each."""


class MediaRef(Contract):
    """One file in the media store."""

    uri: MediaUri
    bytes: Annotated[int, Field(ge=0, description="size of the file in bytes")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="checksum of the file")]
    content_type: str = Field(description="media type, for example `video/mp4`")


class Rights(Contract):
    """What may be done with a video, as far as its source tells."""

    status: Literal["owned", "licensed", "permission", "unknown"] = Field(
        default="unknown",
        description="`owned` by the operator, `licensed` openly, with the owner's `permission`, else `unknown`",
    )
    licence: str | None = Field(default=None, description="SPDX id or the platform's own word, for example `CC-BY-4.0`")
    licence_url: str | None = Field(default=None, description="address of the licence text")
    owner: str | None = Field(default=None, description="who holds the rights")
    attribution: str | None = Field(default=None, description="credit line that goes into the description")
    vouched_by: str | None = Field(default=None, description="the person who vouched where the source does not tell")


class CaptionTrack(Contract):
    """Captions that came with a video."""

    uri: MediaUri
    format: Literal["srt", "vtt", "json3"]
    language: str | None = Field(default=None, description="BCP 47 tag, where known")
    origin: Literal["beside", "source", "automatic", "given"] = Field(
        description="`beside` the file, the author's at the `source`, its `automatic` ones, or `given` with the order"
    )


class Candidate(Contract):
    """A video that somebody published, as its source describes it. Numbers that the source does not tell are absent."""

    candidate_id: CandidateId
    url: str = Field(max_length=4096, description="where it is watched; the downloader's input")
    title: str = Field(max_length=1000)
    source: str = Field(description="the discovery source that found it")
    description: str = Field(default="", max_length=20000)
    author: str | None = None
    published_at: Timestamp | None = None
    duration: Seconds | None = None
    views: Annotated[int, Field(ge=0)] | None = None
    likes: Annotated[int, Field(ge=0)] | None = None
    comments: Annotated[int, Field(ge=0)] | None = None
    language: str | None = Field(default=None, description="BCP 47 tag, where known")
    tags: tuple[str, ...] = ()
    thumbnail_url: str | None = None
    captions_url: str | None = Field(default=None, description="a caption file that the source keeps beside the video")
    rights: Rights = Rights()


class ScorePart(Contract):
    """One visible part of a score."""

    name: str
    value: Unit | None = Field(default=None, description="absent where the source does not tell what it needs")
    weight: Unit = Field(description="share of this part in the sum, after absent parts were left out")
    why: str = Field(description="the reason in words")


class Order(Contract):
    """What was asked for when a candidate was approved; travels with its clip so that every stage knows it."""

    channel_id: ChannelId = "default"
    niche: str = Field(default="", max_length=500)
    clips: Annotated[int, Field(ge=1, le=50)] | None = Field(
        default=None, description="how many shorts; absent: as the channel says"
    )
    recipe: RecipeName | None = Field(default=None, description="absent: as the channel says")
    approved_by: str = Field(default="operator", description="`rule:<name>` or the person who said yes")


class Color(Contract):
    """Colour tags of a video stream, in FFmpeg's names; absent where untagged."""

    space: str | None = None
    primaries: str | None = None
    transfer: str | None = None
    range: str | None = None


class Clip(Contract):
    """The media of one candidate, downloaded once."""

    clip_id: CandidateId
    source_url: str
    title: str
    media: MediaRef
    duration: Seconds
    width: Annotated[int, Field(gt=0, description="display width in pixels, after rotation and pixel aspect")]
    height: Annotated[int, Field(gt=0, description="display height in pixels, after rotation and pixel aspect")]
    rotation: Literal[0, 90, 180, 270] = Field(
        default=0, description="degrees counter-clockwise that the player turns it"
    )
    fps: Annotated[float, Field(gt=0, description="average frames per second")]
    variable_fps: bool = False
    video_codec: str
    audio_codec: str | None = Field(default=None, description="absent: there is no sound")
    color: Color = Color()
    loudness: float | None = Field(
        default=None, description="integrated loudness in LUFS (EBU R128); absent: silent or no sound"
    )
    captions: tuple[CaptionTrack, ...] = ()
    candidate: Candidate
    warnings: tuple[str, ...] = Field(default=(), description="what is odd about the file, in words")


class Word(Contract):
    """One spoken word. Times are seconds from the start of the clip."""

    text: str
    start: Seconds
    end: Seconds
    confidence: Unit | None = None
    speaker: str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"the word {self.text!r} ends before it starts (start {self.start}, end {self.end})")
        return self


class Stretch(Contract):
    """A span of a clip or of a short."""

    start: Seconds
    end: Seconds


class Sentence(Contract):
    """Words `first` to `last` of the transcript, inclusive."""

    first: Annotated[int, Field(ge=0)]
    last: Annotated[int, Field(ge=0)]
    start: Seconds
    end: Seconds
    text: str
    language: str | None = Field(default=None, description="BCP 47 tag, where it is not that of the transcript")


class Transcript(Contract):
    """What is said in a clip; kept in the media store as `transcript.json`."""

    clip_id: CandidateId
    language: str | None = Field(default=None, description="BCP 47 tag, where known")
    method: str = Field(description="`captions:<format>`, or `<recognizer>:<model>` of whoever listened")
    timing: Literal["word", "aligned", "spread"] = Field(
        description="`word`: told for each word; `spread`: times of cues, spread over their words by syllables; "
        "`aligned`: these, fitted to the energy of the sound"
    )
    words: tuple[Word, ...]
    sentences: tuple[Sentence, ...]
    silences: tuple[Stretch, ...] = Field(default=(), description="spans of half a second or more without speech")
    fillers: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        default=(), description="places of words that only fill time, such as “um”"
    )
    shift: float = Field(default=0.0, description="seconds by which captions were moved to fit the sound")
    notes: tuple[str, ...] = Field(
        default=(), description="what was left out, moved or passed over, and why, for a person"
    )
    media_sha256: str | None = Field(default=None, description="checksum of the media that it was made of")


class TranscriptRef(Contract):
    """Where a transcript lies, and its size."""

    uri: MediaUri
    language: str | None = None
    method: str
    words: int
