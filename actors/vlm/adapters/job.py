"""What the child process is told."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["METHOD", "Job"]

METHOD = "local/1"


class Job(BaseModel):
    """One clip to look at."""

    model_config = ConfigDict(frozen=True)

    path: str
    parent: int
    made_from: str
    duration: float
    faces_per_s: float
    threads: int
    memory_mb: int
