"""Value types of what was found and seen: candidates, rights, clips, transcripts, moments, framing."""

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
    "Analysis",
    "Area",
    "Candidate",
    "CaptionTrack",
    "Clip",
    "Color",
    "Framing",
    "FramingMode",
    "FramingPoint",
    "FramingSection",
    "LoudnessPoint",
    "MediaRef",
    "Moment",
    "Order",
    "Rights",
    "ScorePart",
    "Sentence",
    "Shot",
    "Transcript",
    "TranscriptRef",
    "Word",
]


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


class Sentence(Contract):
    """Words `first` to `last` of the transcript, inclusive."""

    first: Annotated[int, Field(ge=0)]
    last: Annotated[int, Field(ge=0)]
    start: Seconds
    end: Seconds
    text: str


class Transcript(Contract):
    """What is said in a clip; kept in the media store as `transcript.json`."""

    clip_id: CandidateId
    language: str | None = Field(default=None, description="BCP 47 tag, where known")
    method: str = Field(description="`captions:<format>` or `faster-whisper:<model>`")
    timing: Literal["word", "spread"] = Field(
        description="`spread`: cue times, spread over the words of each cue by length"
    )
    words: tuple[Word, ...]
    sentences: tuple[Sentence, ...]
    media_sha256: str | None = Field(default=None, description="checksum of the media that it was made of")


class TranscriptRef(Contract):
    """Where a transcript lies, and its size."""

    uri: MediaUri
    language: str | None = None
    method: str
    words: int


class FramingPoint(Contract):
    """Centre of interest at a time; shares of the picture's width and height."""

    t: Seconds
    x: Unit
    y: Unit


FramingMode = Literal["track", "center", "fit", "split", "screen"]
"""`track` follows the path; `center` stands; `fit` shows all of it over a blurred ground; `split` shows two people one
above the other; `screen` shows the whole picture above and a cutout of its speaker below."""


class FramingSection(Contract):
    """A span of the clip in a mode of its own."""

    start: Seconds
    end: Seconds
    mode: FramingMode


class Framing(Contract):
    """How a wide picture is shown in a tall one: the path that the crop follows."""

    mode: FramingMode = "center"
    points: tuple[FramingPoint, ...] = Field(
        default=(),
        description="in order of time, in seconds of the clip; linear in between, a jump at every cut",
    )
    second: tuple[FramingPoint, ...] = Field(
        default=(), description="the lower of two panels: the other person of `split`, the speaker of `screen`"
    )
    cuts: tuple[Seconds, ...] = Field(default=(), description="times at which the path may jump")
    sections: tuple[FramingSection, ...] = Field(
        default=(), description="spans that are shown in another mode; in order, without overlap"
    )


class Moment(Contract):
    """A span of a clip that can stand alone."""

    start: Seconds
    end: Seconds
    score: Unit
    reason: str = Field(description="why it was chosen, for a person")
    title: str = ""
    text: str = Field(default="", description="what is said in it")
    parts: tuple[ScorePart, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a moment must end after it starts (start {self.start}, end {self.end})")
        return self


class Shot(Contract):
    """A span between two cuts, with its picture measured."""

    start: Seconds
    end: Seconds
    brightness: Unit
    motion: Unit
    colors: tuple[str, ...] = Field(default=(), description="dominant colours as #rrggbb, most frequent first")
    faces: Annotated[float, Field(ge=0)] = Field(default=0, description="mean number of faces in the sampled frames")


class Area(Contract):
    """Something in a picture that captions leave free. Shares of its width and height, from its top left corner."""

    kind: Literal["text", "face"]
    start: Seconds
    end: Seconds
    x: Unit
    y: Unit
    width: Unit
    height: Unit


class LoudnessPoint(Contract):
    """Momentary loudness at a time, in LUFS."""

    t: Seconds
    lufs: float


class Analysis(Contract):
    """What was seen and heard in a clip; kept in the media store as `analysis.json`."""

    clip_id: CandidateId
    method: str
    shots: tuple[Shot, ...]
    loudness: tuple[LoudnessPoint, ...]
    framing: Framing
    moments: tuple[Moment, ...]
    areas: tuple[Area, ...] = Field(default=(), description="text and faces in the picture")
    made_for: str | None = Field(default=None, description="digest of media, transcript and count that it was made for")
    media_sha256: str | None = Field(default=None, description="checksum of the media that it was made of")
    warnings: tuple[str, ...] = Field(default=(), description="what is odd about the media, in words")
