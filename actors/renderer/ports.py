"""What the renderer needs: something that turns one timeline into files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from contracts.renders import QualityReport
from contracts.style import ShapeName
from contracts.timeline import Timeline

__all__ = ["Job", "Made", "Output", "Rendered", "Renderer", "Report"]

Report = Callable[[float, float | None], Awaitable[None]]
"""Called with the share done (0 to 1) and, once it can be told, the seconds left."""


class Job(BaseModel):
    """What is rendered: a timeline whose sources are absolute paths of local files."""

    model_config = ConfigDict(frozen=True)

    timeline: Timeline


class Output(BaseModel):
    """Where one shape of the short goes. `shape`: one of the timeline's further shapes; none: its canvas."""

    model_config = ConfigDict(frozen=True)

    shape: ShapeName | None = None
    video: Path
    thumbnail: Path


class Made(BaseModel):
    """What was measured on one finished file."""

    model_config = ConfigDict(frozen=True)

    shape: ShapeName | None = None
    width: int
    height: int
    quality: QualityReport


class Rendered(BaseModel):
    """What became of a timeline. `made` has one entry for each output, in their order."""

    model_config = ConfigDict(frozen=True)

    made: tuple[Made, ...]
    duration: float
    fps: float
    loudness: Annotated[float | None, Field(description="LUFS; absent: silent")] = None
    true_peak: Annotated[float | None, Field(description="dBTP; absent: silent")] = None
    encoder: str
    warnings: tuple[str, ...] = ()


class Renderer(Protocol):
    """Port of the renderer. A second implementation is a stand-in for tests."""

    async def render(self, job: Job, *, outputs: tuple[Output, ...], report: Report) -> Rendered:
        """Write the finished, checked short (MP4) and its picture (JPEG) of every output; one of them has no shape.

        May be cancelled: nothing of it runs on afterwards. Raises `Reject` for a source that can't be rendered and
        `Retry` when the work itself broke down.
        """
        ...
