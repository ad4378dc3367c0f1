"""What the vlm actor needs: somebody who looks at a clip, and, if there is one, a model that judges its moments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from contracts.base import Contract, Seconds, Unit
from contracts.media import Clip, Stretch, Transcript
from contracts.sight import Area, Box, Fade, Framing, LoudnessPoint, ModelUse, Moment, Mood, Person, Shot, Sound

__all__ = [
    "STEP",
    "Analyzer",
    "Ask",
    "Case",
    "ChatModel",
    "Footage",
    "Judge",
    "Judgement",
    "ModelError",
    "Photographer",
    "Prints",
    "Progress",
    "Reply",
    "Sight",
]

STEP = 0.5
"""Seconds between two values of the curves in a `Sight`."""

Progress = Callable[[float, str], Awaitable[None]]
"""Called with the share done (0 to 1) and a note for a person."""


class Prints(Contract):
    """Fingerprints of a clip (see `adapters/prints.py`), in base64.

    `pictures`: every half second 32 bytes of the whole picture and 32 of its centre; `sound`: every 32 ms an unsigned
    number of 32 bits, little end first; empty without sound.
    """

    pictures: str
    sound: str


class Sight(Contract):
    """What was seen and heard in a clip, before anything is chosen from it. Curves have one value per `STEP`."""

    made_from: Annotated[str, Field(description="SHA-256 of the media that was looked at")]
    method: Annotated[str, Field(description="name and version of what looked, for example `local/1`")]
    duration: Annotated[Seconds, Field(description="seconds that can be decoded; less than promised if cut short")]
    shots: tuple[Shot, ...]
    loudness: Annotated[tuple[LoudnessPoint, ...], Field(description="one point per STEP; empty: no sound")] = ()
    motion: Annotated[tuple[Unit, ...], Field(description="how much of the picture changes, camera cuts left out")] = ()
    faces: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(description="number of faces seen")] = ()
    sharpness: Annotated[tuple[Unit, ...], Field(description="how much fine detail the pictures have")] = ()
    framing: Framing = Framing()
    areas: tuple[Area, ...] = ()
    fades: tuple[Fade, ...] = ()
    people: tuple[Person, ...] = ()
    sounds: tuple[Sound, ...] = ()
    screens: tuple[Stretch, ...] = ()
    active: Box | None = None
    prints: Prints | None = None
    warnings: tuple[str, ...] = ()


class Analyzer(Protocol):
    """Looks at a clip and listens to it.

    Raises `Reject` for media that can't be analysed whoever tries, `Retry` for trouble that may pass. A call may be
    cancelled and must leave nothing running behind.
    """

    @property
    def method(self) -> str:
        """Name and version; a `Sight` made by another method is not reused."""
        ...

    async def look(self, path: Path, clip: Clip, progress: Progress) -> Sight:
        """Look at the local file `path`, the media of `clip`."""
        ...


@dataclass(frozen=True)
class Case:
    """A clip whose moments are chosen: what was seen and heard, how many are wanted, and whose budget it is."""

    clip: Clip
    sight: Sight
    transcript: Transcript | None
    wanted: int
    channel_id: str
    fewest: int | None = None
    """So many even if some are less good; none: nobody named a number."""


@dataclass(frozen=True)
class Judgement:
    """The moments, best first, each with its mood (none: nobody said); what models were asked; what is to be said.

    `reason`: why there are no moments, where that is not for want of spans that can stand alone.
    """

    moments: tuple[Moment, ...]
    moods: tuple[Mood | None, ...]
    models: tuple[ModelUse, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str | None = None


class Judge(Protocol):
    """Chooses the moments of a clip, with the help of a model where there is one."""

    @property
    def method(self) -> str:
        """Who is asked, and with which prompts; what another method chose is not reused."""
        ...

    async def judge(self, case: Case, progress: Progress) -> Judgement:
        """Choose. Whatever a model does, there is an answer: the local one, if need be."""
        ...


@dataclass(frozen=True)
class Footage:
    """All of a clip, for a model that watches videos. `legend` says where in it the candidates lie."""

    path: Path
    content_type: str
    seconds: float
    legend: str


@dataclass(frozen=True)
class Ask:
    """One request to a model: an instruction, the material, and the JSON schema that the answer must fit.

    `pictures` are JPEG files, `legends` what each of them shows; `blind`: it can be answered without them. `answered`
    and `fault`: what the model said before and what is wrong with it, where it is asked to do better. `video` is for
    those who watch, in the place of pictures.
    """

    name: str
    system: str
    text: str
    schema: dict[str, Any]
    most_tokens: int
    pictures: tuple[bytes, ...] = ()
    legends: tuple[str, ...] = ()
    blind: bool = True
    video: Footage | None = None
    answered: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Reply:
    """What a model said, and how many tokens it counted (none: it does not tell).

    `text` is empty where it said nothing, and `why` tells why.
    """

    text: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    why: str = ""


class ModelError(Exception):
    """A model did not answer; `what` is for a person and holds no key.

    `unfit`: not this model, another one of the provider may; `busy`: this model later, after so many seconds if it
    says so, another one of the provider may now; `down`: no whole answer; `slow`: none in time; `refused`: this
    provider will not. `lost`: it may have charged for it.
    """

    def __init__(
        self,
        what: str,
        kind: Literal["unfit", "busy", "down", "slow", "refused"],
        *,
        after: float | None = None,
        lost: bool = False,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.kind = kind
        self.after = after
        self.lost = lost


class ChatModel(Protocol):
    """A provider of models. One try each: who tries again, and how often, is decided in one place above."""

    @property
    def provider(self) -> str:
        """Its name in the settings and in events."""
        ...

    @property
    def watches(self) -> bool:
        """Whether it is shown the video instead of pictures."""
        ...

    @property
    def patience_s(self) -> float:
        """Seconds that one answer may take."""
        ...

    def offers(self, pictures: int) -> Sequence[tuple[str, int]]:
        """Models in the order in which they are tried, each with how many of so many pictures it is sent."""
        ...

    async def answer(self, model: str, ask: Ask) -> Reply:
        """Ask once. Raises `ModelError`."""
        ...


class Photographer(Protocol):
    """Takes single pictures out of a clip."""

    async def take(self, path: Path, times: Sequence[float]) -> tuple[bytes, ...]:
        """JPEG files of at most 1024 pixels a side, one per time (seconds); empty where there is no picture.

        Raises `Reject` or `Retry` like `Analyzer.look`.
        """
        ...
