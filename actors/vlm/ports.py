"""What the vlm actor needs: somebody who looks at a clip and says what is in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field

from contracts.base import Contract, Seconds, Unit
from contracts.media import Clip, Stretch
from contracts.sight import Area, Box, Fade, Framing, LoudnessPoint, Person, Shot, Sound

__all__ = ["STEP", "Analyzer", "Progress", "Sight"]

STEP = 0.5
"""Seconds between two values of the curves in a `Sight`."""

Progress = Callable[[float, str], Awaitable[None]]
"""Called with the share done (0 to 1) and a note for a person."""


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
