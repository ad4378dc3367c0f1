"""What is true of a talk: written down while it is made, never measured on it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["Captions", "Face", "Faces", "Planted", "Said", "Span", "Truth"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Frozen):
    """`kind`: for pictures `dissolve`, `fade`, `flash`, `pan`, `light`; for sounds `laughter`, `applause`, `music`."""

    kind: str
    start: float
    end: float


class Said(_Frozen):
    """One spoken word: from its first to its last audible sample, in seconds of the talk."""

    text: str
    start: float
    end: float
    speaker: int


class Planted(_Frozen):
    """A moment as an editor would mark it: from the first word of its hook to the end of its pay-off (`landed`), and
    on to the end of what the audience answers (`end`). `by`: what it was planted with."""

    start: float
    landed: float
    end: float
    by: tuple[str, ...]


class Face(_Frozen):
    """A drawn face as it is seen: shares of the displayed picture, from its top left corner. `person`: who it is."""

    person: int
    x: float
    y: float
    width: float
    height: float


class Faces(_Frozen):
    """Who is seen in the picture at `t`."""

    t: float
    seen: tuple[Face, ...]


class Captions(_Frozen):
    """The file of captions beside the talk. `late`: seconds that it is behind the sound; `foreign`: of another talk."""

    file: str
    format: Literal["srt", "json3"]
    late: float = 0.0
    foreign: bool = False


class Truth(_Frozen):
    """Everything known of a talk. `cuts`: times of the first pictures of new shots."""

    name: str
    seed: int
    half: Literal["tuned", "held"]
    kind: str
    title: str
    language: str
    duration: float
    fps: int
    width: int
    height: int
    sound: bool
    words: tuple[Said, ...]
    moments: tuple[Planted, ...]
    sentences: tuple[tuple[float, float], ...] = ()
    cuts: tuple[float, ...]
    soft: tuple[Span, ...]
    decoys: tuple[Span, ...]
    sounds: tuple[Span, ...]
    faces: tuple[Faces, ...]
    screen: bool = False
    captions: Captions | None = None
