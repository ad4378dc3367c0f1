"""What the child process is told."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["METHOD", "Job"]

METHOD = "local/4"


class Job(BaseModel):
    """One clip to look at."""

    model_config = ConfigDict(frozen=True)

    path: str
    made_from: str
    duration: float
    faces_per_s: float
    threads: int
    every_frame: bool
    memory_mb: int
