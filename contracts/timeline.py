"""A timeline: which stretch of which source is seen and heard when, what lies over it, and how it sounds.

Segments follow one another; `start` and `end` of a segment are seconds of its source, every other time is seconds of
the timeline. Places are shares of the picture, from its top left corner. Levels are decibels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from contracts.base import Contract, Seconds, Unit
from contracts.media import Word
from contracts.sight import Area, Framing
from contracts.style import PLATFORMS, HexColor, Label, LookUse, Quality, ShapeName, Transition
from contracts.text import language_tag

__all__ = [
    "Area",
    "CaptionPlan",
    "Canvas",
    "Decibels",
    "Effect",
    "Footage",
    "ImageOverlay",
    "InsertOverlay",
    "Music",
    "Overlay",
    "ProgressOverlay",
    "Segment",
    "SoundPlan",
    "Timeline",
    "TitleOverlay",
    "Voice",
    "WatermarkOverlay",
]

Footage = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4096, strip_whitespace=False),
    Field(description="`media://` key, or path of a local file; a relative path starts at the plan's folder"),
]
Decibels = Annotated[float, Field(ge=-60, le=24, allow_inf_nan=False, description="change of level in dB")]
Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"), Field(description="sRGB colour as #rrggbb")]


class Canvas(Contract):
    """Size and rate of the picture."""

    width: Annotated[int, Field(ge=64, le=4096, multiple_of=2)] = 1080
    height: Annotated[int, Field(ge=64, le=4096, multiple_of=2)] = 1920
    fps: Annotated[int, Field(ge=1, le=120)] = 30


class Segment(Contract):
    """A stretch of a source, as long as it lasts at its speed."""

    source: Footage
    start: Seconds = 0.0
    end: Seconds
    speed: Annotated[float, Field(ge=0.25, le=4)] = 1.0
    volume: Decibels = 0.0
    mute: bool = False
    framing: Framing = Framing()
    areas: Annotated[tuple[Area, ...], Field(max_length=20000)] = ()
    looks: Annotated[tuple[LookUse, ...], Field(max_length=8)] = ()
    transition: Transition | None = Field(default=None, description="absent: a cut; the first segment has none")

    @property
    def duration(self) -> float:
        """Seconds on the timeline."""
        return (self.end - self.start) / self.speed

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a segment must end after it starts (start {self.start}, end {self.end})")
        return self


class _Shown(Contract):
    start: Seconds = 0.0
    end: Seconds | None = Field(default=None, description="absent: until the end")


class ImageOverlay(_Shown):
    """A still picture (PNG, JPEG, WebP) over the video."""

    kind: Literal["image"] = "image"
    source: Footage
    x: Unit = Field(default=0.5, description="its middle")
    y: Unit = Field(default=0.5, description="its middle")
    width: Annotated[float, Field(gt=0, le=1)] = Field(default=0.5, description="share of the picture's width")
    opacity: Unit = 1.0
    fade: Annotated[float, Field(ge=0, le=5)] = Field(default=0.2, description="seconds to come and to go")


class InsertOverlay(_Shown):
    """Other footage shown in place of the segment's picture, whose sound goes on."""

    kind: Literal["insert"] = "insert"
    source: Footage
    source_start: Seconds = 0.0
    framing: Framing = Framing()
    fade: Annotated[float, Field(ge=0, le=5)] = 0.0


class TitleOverlay(_Shown):
    """The hook: a line or two of large letters, set by the caption engine."""

    kind: Literal["title"] = "title"
    text: Annotated[str, Field(min_length=1, max_length=300)]
    end: Seconds | None = Field(default=None, description="absent: 3 s after its start")
    y: Unit = Field(default=0.2, description="its middle")
    style: Label | None = Field(default=None, description="caption style; absent: that of the captions")


class ProgressOverlay(_Shown):
    """A bar that grows with the time that has passed."""

    kind: Literal["progress"] = "progress"
    color: Hex = "#ffe600"
    height: Annotated[float, Field(gt=0, le=0.1)] = Field(default=0.006, description="share of the picture's height")
    edge: Literal["top", "bottom"] = "top"


class WatermarkOverlay(_Shown):
    """A picture or a few words in a corner."""

    kind: Literal["watermark"] = "watermark"
    source: Footage | None = None
    text: Annotated[str, Field(max_length=100)] = ""
    corner: Literal["top_left", "top_right", "bottom_left", "bottom_right"] = "top_right"
    width: Annotated[float, Field(gt=0, le=1)] = Field(default=0.18, description="share of the picture's width")
    opacity: Unit = 0.6

    @model_validator(mode="after")
    def _something(self) -> Self:
        if (self.source is None) == (not self.text):
            raise ValueError("a watermark is either a picture (source) or a text")
        return self


Overlay = Annotated[
    ImageOverlay | InsertOverlay | TitleOverlay | ProgressOverlay | WatermarkOverlay, Field(discriminator="kind")
]


class CaptionPlan(Contract):
    """What is said, on the timeline's clock, and how it is written."""

    words: Annotated[tuple[Word, ...], Field(max_length=100000)] = ()
    emphasis: tuple[int, ...] = Field(default=(), description="places of the words that carry weight, from 0")
    language: Annotated[str, Field(max_length=35)] | None = Field(default=None, description="BCP 47 tag, where known")
    burnt: bool = Field(default=True, description="drawn into the picture; soft captions are always written")
    style: Label = "lit"
    color: HexColor | None = Field(
        default=None,
        description="of the word that is said; absent, or too close to what is behind it: as the style has it",
    )
    platforms: tuple[Label, ...] = Field(
        default=(), description="platforms whose own buttons and texts are kept clear of; none: all that are known"
    )

    @field_validator("language")
    @classmethod
    def _tagged(cls, language: str | None) -> str | None:
        if language is not None and language_tag(language) != language:
            raise ValueError(f"{language!r} is no language tag, such as en, pt-BR or zh-Hant")
        return language

    @field_validator("platforms")
    @classmethod
    def _known(cls, platforms: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in platforms if name not in PLATFORMS]:
            raise ValueError(f"no platform {unknown[0]!r} is known, only {', '.join(PLATFORMS)}")
        return platforms


class Voice(Contract):
    """Speech from a file of its own, at a place of the timeline."""

    source: Footage
    at: Seconds = 0.0
    start: Seconds = 0.0
    end: Seconds | None = Field(default=None, description="seconds of its file; absent: to its end")
    volume: Decibels = 0.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"a voice must end after it starts (start {self.start}, end {self.end})")
        return self


class Music(Contract):
    """A bed under everything, repeated as often as needed, softer while somebody speaks."""

    source: Footage
    start: Seconds = Field(default=0.0, description="second of its file at which it begins")
    volume: Decibels = Field(default=-14.0, description="against the loudness of the rest")
    duck: Annotated[float, Field(ge=0, le=40)] = Field(default=10.0, description="dB softer under speech")
    fade: Annotated[float, Field(ge=0, le=10)] = Field(default=1.0, description="seconds to come and to go")


class Effect(Contract):
    """A sound at a time."""

    source: Footage
    at: Seconds
    volume: Decibels = -6.0


class SoundPlan(Contract):
    """What is heard besides the segments themselves."""

    voices: Annotated[tuple[Voice, ...], Field(max_length=1000)] = ()
    music: Music | None = None
    effects: Annotated[tuple[Effect, ...], Field(max_length=1000)] = ()
    loudness: Annotated[float, Field(ge=-40, le=-5)] = Field(default=-14.0, description="target in LUFS (EBU R 128)")


class Timeline(Contract):
    """Everything that a short is made from."""

    canvas: Canvas = Canvas()
    shapes: Annotated[tuple[ShapeName, ...], Field(max_length=4)] = Field(
        default=(), description="further shapes of the same short, made from the same decoding"
    )
    segments: Annotated[tuple[Segment, ...], Field(min_length=1, max_length=2000)]
    overlays: Annotated[tuple[Overlay, ...], Field(max_length=200)] = ()
    captions: CaptionPlan = CaptionPlan()
    sound: SoundPlan = SoundPlan()
    cover: Annotated[str, Field(max_length=300)] = Field(default="", description="text on the thumbnail")
    quality: Quality = Field(default="fast", description="encoder preset of the renderer")

    @property
    def duration(self) -> float:
        """Seconds from the first picture to the end; transitions overlap."""
        shared = sum(segment.transition.seconds for segment in self.segments if segment.transition)
        return sum(segment.duration for segment in self.segments) - shared

    def sources(self) -> Iterator[tuple[str, str]]:
        """Every source with the path of the field that names it (`overlays.0.source`), in the order of their use."""
        sound = self.sound
        groups = {
            "segments": self.segments,
            "overlays": self.overlays,
            "sound.voices": sound.voices,
            "sound.effects": sound.effects,
        }
        for name, users in groups.items():
            for number, user in enumerate(users):
                if source := getattr(user, "source", None):
                    yield f"{name}.{number}.source", source
        if sound.music is not None:
            yield "sound.music.source", sound.music.source

    @model_validator(mode="after")
    def _overlapping(self) -> Self:
        if self.segments[0].transition is not None:
            raise ValueError("segments.0.transition: the first segment follows nothing")
        for number, segment in enumerate(self.segments):
            after = self.segments[number + 1].transition if number + 1 < len(self.segments) else None
            taken = sum(each.seconds for each in (segment.transition, after) if each is not None)
            if taken > segment.duration + 1e-6:
                raise ValueError(
                    f"segments.{number}: it lasts {segment.duration:.2f} s, and its transitions take {taken:.2f} s"
                )
        if len(set(self.shapes)) < len(self.shapes):
            raise ValueError("shapes: each may be named once")
        if any(not 0 <= place < len(self.captions.words) for place in self.captions.emphasis):
            raise ValueError("captions.emphasis: it names a word that is not there")
        return self
