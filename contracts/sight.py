"""Value types of what was seen and understood of a clip: shots, people, sounds, the path of the camera, moments."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.base import CandidateId, Contract, Name, Seconds, Unit
from contracts.media import ScorePart, Stretch
from contracts.style import HexColor, Label, LookUse

__all__ = [
    "Analysis",
    "Area",
    "Box",
    "Direction",
    "Fade",
    "Framing",
    "FramingMode",
    "FramingPoint",
    "FramingSection",
    "LoudnessPoint",
    "ModelUse",
    "Moment",
    "Mood",
    "Person",
    "PersonPoint",
    "SeenBefore",
    "Shot",
    "Sound",
]


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


Mood = Literal["energetic", "funny", "dramatic", "serious", "uplifting", "calm", "sad", "tense"]


class Direction(Contract):
    """How a moment of its mood is best shown; a recipe may take it over or not."""

    mood: Mood
    looks: tuple[LookUse, ...] = ()
    caption_style: Label
    caption_color: HexColor = Field(description="of the word that is said")
    music: Name = Field(description="mood of the music that fits, in words that music libraries use")
    why: str = Field(default="", description="what speaks for the mood, for a person")


class Moment(Contract):
    """A span of a clip that can stand alone."""

    start: Seconds
    end: Seconds
    score: Unit
    reason: str = Field(description="why it was chosen, for a person")
    title: str = ""
    text: str = Field(default="", description="what is said in it")
    parts: tuple[ScorePart, ...] = ()
    hook: Annotated[str, Field(max_length=300)] = Field(default="", description="words over its first seconds")
    description: Annotated[str, Field(max_length=5000)] = ""
    tags: Annotated[tuple[Name, ...], Field(max_length=50)] = Field(default=(), description="without #")
    direction: Direction | None = Field(default=None, description="absent: judged before moods were")
    judged_by: str = Field(
        default="local", description="`local`, or `<provider>:<model>` that judged and worded it on top"
    )

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


class Box(Contract):
    """A part of a picture. Shares of its width and height, from its top left corner."""

    x: Unit
    y: Unit
    width: Unit
    height: Unit


class Area(Box):
    """Something in a picture that captions leave free."""

    kind: Literal["text", "face", "logo"]
    start: Seconds
    end: Seconds


class Fade(Contract):
    """A change of picture that takes its time: `in` from black or white, `out` to it, or a `dissolve` between two."""

    kind: Literal["in", "out", "dissolve"]
    start: Seconds
    end: Seconds


class PersonPoint(Box):
    """A face at a time."""

    t: Seconds


class Person(Contract):
    """Somebody who is in sight for a while within one shot."""

    id: Name
    points: tuple[PersonPoint, ...] = Field(description="in order of time; linear in between")
    speaking: tuple[Stretch, ...] = Field(
        default=(), description="when the mouth moves with the sound; empty: never, or the mouth is too small to tell"
    )


class Sound(Contract):
    """What is heard for a while."""

    kind: Literal["speech", "music", "laughter", "applause"]
    start: Seconds
    end: Seconds
    confidence: Unit


class SeenBefore(Contract):
    """A stretch of this clip that is also in another clip, known by picture, by sound, or both."""

    clip_id: CandidateId
    start: Seconds
    end: Seconds
    other_start: Seconds = Field(description="where it begins in the other clip")
    by: Literal["picture", "sound", "both"]
    mirrored: bool = False


class ModelUse(Contract):
    """What was asked of a model, and what it cost."""

    stage: Literal["questions", "wording"]
    provider: str
    model: str
    prompt: str = Field(description="name and version of the prompt, for example `questions/1`")
    input_tokens: Annotated[int, Field(ge=0)] = Field(default=0, description="as far as it tells them")
    output_tokens: Annotated[int, Field(ge=0)] = Field(default=0, description="as far as it tells them")
    cost_usd: Annotated[float, Field(ge=0)] | None = Field(
        default=None,
        description="absent: its price is not known, it does not tell its tokens, or another answer was lost that may "
        "have been charged",
    )
    seconds: Seconds = 0.0
    failure: str | None = Field(default=None, description="why the local answer was used instead; absent: it was not")


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
    reason: str | None = Field(
        default=None, description="why there are no moments, where spans that can stand alone were left out"
    )
    areas: tuple[Area, ...] = Field(default=(), description="text, faces and logos in the picture")
    fades: tuple[Fade, ...] = ()
    people: tuple[Person, ...] = ()
    sounds: tuple[Sound, ...] = ()
    screens: tuple[Stretch, ...] = Field(default=(), description="spans that are a recording of a screen")
    active: Box | None = Field(default=None, description="the picture without its black bars; absent: there are none")
    seen_before: tuple[SeenBefore, ...] = ()
    models: tuple[ModelUse, ...] = ()
    made_for: str | None = Field(default=None, description="digest of media, transcript and count that it was made for")
    event_id: str | None = Field(default=None, description="id of the event that it was made for first")
    media_sha256: str | None = Field(default=None, description="checksum of the media that it was made of")
    warnings: tuple[str, ...] = Field(default=(), description="what is odd about the media, in words")
    notes: tuple[str, ...] = Field(default=(), description="what would make the analysis better, in words")
