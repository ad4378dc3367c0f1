"""What the downloader needs of the outside world."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from contracts.media import Color
from contracts.sidecar import Sidecar
from runtime.errors import Unavailable

__all__ = ["CaptionFile", "Fetched", "Fetcher", "Origin", "Probe", "Tell", "Unreachable"]

Tell = Callable[[float | None, str, float | None], Coroutine[Any, Any, None]]
"""Says how far it is: share done (none: not known), a note, seconds left (none: not known)."""

Origin = Literal["beside", "source", "automatic", "given"]


class Unreachable(Unavailable):
    """Nothing answers at an address: no such host, no connection, or not a byte. `field`: where it was given."""

    def __init__(self, what: str, *, advice: str, field: str = "url") -> None:
        super().__init__(what, advice=advice)
        self.field = field


@dataclass(frozen=True)
class CaptionFile:
    """A caption file on the local disk, not in the media store yet."""

    path: Path
    origin: Origin
    language: str | None = None


@dataclass(frozen=True)
class Fetched:
    """A whole video on the local disk, not in the media store yet.

    `ours`: it lies in the folder that was given and may be moved away; else it is somebody's own and is copied.
    `told`: what the source says about it, under yt-dlp's names; empty for a plain file. `sidecar`: what the owner of a
    plain file says about it, in the `NAME.json` beside it.
    """

    path: Path
    ours: bool
    captions: tuple[CaptionFile, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)
    sidecar: Sidecar | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """What a file really is, measured. Seconds from the container's start; pixels after rotation and aspect."""

    container: str
    duration: float
    header_duration: float | None
    width: int
    height: int
    rotation: Literal[0, 90, 180, 270]
    fps: float
    variable_fps: bool
    video_codec: str
    audio_codec: str | None = None
    color: Color = field(default_factory=Color)
    loudness: float | None = None
    warnings: tuple[str, ...] = ()


class Fetcher(Protocol):
    """Gets videos and caption files, and examines them. All raise `Reject`, `Retry`, `Unavailable`, `Unreachable`."""

    async def fetch(self, url: str, folder: Path, tell: Tell) -> Fetched:
        """The video behind `url`, with the captions its source has; new files go into `folder`."""
        ...

    async def captions(self, url: str, folder: Path, origin: Origin) -> CaptionFile:
        """The caption file behind `url`."""
        ...

    async def probe(self, path: Path, name: str, tell: Tell) -> Probe:
        """Examine a local file, called `name` in messages. Raises `Reject` for what is no usable video."""
        ...
