"""What the transcriber needs of the outside world."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from actors.transcriber.core.heard import HeardPart
from actors.transcriber.core.stitch import Part
from contracts.media import Stretch
from runtime.errors import ClipwireError

__all__ = ["CannotHear", "Kept", "Recognizer", "Recording", "Tell"]

Tell = Callable[[float | None, str, float | None], Coroutine[Any, Any, None]]
"""Says how far it is: share done (none: not known), a note, seconds left (none: not known)."""


class CannotHear(ClipwireError):
    """This recognizer cannot listen here: what is missing, and what would give it."""


@dataclass(frozen=True)
class Recording:
    """A media file to listen to. `speech`: where somebody speaks, in order; `language`: what the source says it is."""

    media: Path
    duration: float
    speech: tuple[Stretch, ...]
    language: str | None


class Kept(Protocol):
    """Parts that were heard before the process died or had to wait; they are not listened to again."""

    async def get(self, part: Part) -> HeardPart | None:
        """What was heard in exactly this part."""
        ...

    async def put(self, heard: HeardPart) -> None:
        """Keep it until the transcript is finished."""
        ...


class Recognizer(Protocol):
    """Listens to recordings."""

    @property
    def name(self) -> str:
        """Its name in an order of sources."""
        ...

    @property
    def model(self) -> str:
        """Which model listens; another one is worth listening again."""
        ...

    async def ready(self) -> None:
        """Raises `CannotHear` where something is known to be missing, before anything is read of the recording."""
        ...

    async def recognize(self, recording: Recording, kept: Kept, tell: Tell) -> Sequence[HeardPart]:
        """What is said in all speech of the recording, part by part. Raises `CannotHear`, `Retry`, `Reject`."""
        ...
