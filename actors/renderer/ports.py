"""What the renderer needs: something that turns one order into one file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from contracts.media import Framing, Recipe, Word

__all__ = ["Job", "Rendered", "Renderer", "Report"]

Report = Callable[[float, float | None], Awaitable[None]]
"""Called with the share done (0 to 1) and, once it can be told, the seconds left."""


class Job(BaseModel):
    """Everything that a short is made from. Times are seconds of the clip."""

    model_config = ConfigDict(frozen=True)

    source: Annotated[Path, Field(description="local media file")]
    start: float
    end: float
    recipe: Recipe
    framing: Annotated[Framing | None, Field(description="the analysed path; none: there is no analysis")] = None
    words: Annotated[tuple[Word, ...], Field(description="what is said in the span, to be burnt in")] = ()


class Rendered(BaseModel):
    """What was measured on the finished file."""

    model_config = ConfigDict(frozen=True)

    duration: float
    width: int
    height: int
    fps: float
    loudness: Annotated[float | None, Field(description="LUFS; absent: silent")] = None
    true_peak: Annotated[float | None, Field(description="dBTP; absent: silent")] = None
    encoder: str
    warnings: tuple[str, ...] = ()


class Renderer(Protocol):
    """Port of the renderer. A second implementation is a stand-in for tests."""

    async def render(self, job: Job, *, video: Path, thumbnail: Path, report: Report) -> Rendered:
        """Write the finished, checked short to `video` (MP4) and its picture to `thumbnail` (JPEG).

        May be cancelled: nothing of it runs on afterwards. Raises `Reject` for a source that can't be rendered and
        `Retry` when the work itself broke down.
        """
        ...
