"""What the transcriber needs of the outside world."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from contracts.media import Word
from runtime.errors import ClipwireError

__all__ = ["CannotHear", "Heard", "Recognizer", "Tell"]

Tell = Callable[[float | None, str, float | None], Coroutine[Any, Any, None]]
"""Says how far it is: share done (none: not known), a note, seconds left (none: not known)."""


class CannotHear(ClipwireError):  # noqa: N818  # it is a state of this machine, and read as a sentence
    """There is no speech recognition here: what is missing, and what would give it."""


@dataclass(frozen=True)
class Heard:
    """What was said, word by word. `method`: `faster-whisper:<model>`."""

    words: tuple[Word, ...]
    language: str | None
    method: str


class Recognizer(Protocol):
    """Listens to a recording."""

    @property
    def model(self) -> str:
        """Which model listens; another one is worth listening again."""
        ...

    async def recognize(self, media: Path, *, language: str | None, tell: Tell) -> Heard:
        """The words of a media file. `language`: a hint. Raises `CannotHear`, `Retry`."""
        ...
