"""What is posted, and how the platform knows it afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from contracts.publishing import Disclosure
from contracts.renders import Render

__all__ = ["Film", "Post", "Posted"]


@dataclass(frozen=True)
class Film:
    """A video file on this machine, in one shape. Sides in pixels, duration in seconds."""

    path: Path
    bytes: int
    sha256: str
    content_type: str
    width: int
    height: int
    duration: float
    fps: float


@dataclass(frozen=True)
class Post:
    """A render as it is to appear on one account. `publication_id` is the marker to leave on the platform.

    `title`, `description` and `tags` (hashtags without `#`) are cut to the platform's limits already, and the
    description has its hashtags and its credit in it. `publish_at`: when the platform itself is to show it, for
    platforms that schedule; else it is due now. `language`: BCP 47.
    """

    publication_id: str
    account_id: str
    account: str
    render: Render
    film: Film
    cover: Path
    captions: Path | None
    title: str
    description: str
    tags: tuple[str, ...] = ()
    language: str | None = None
    disclosure: Disclosure = field(default_factory=Disclosure)
    publish_at: datetime | None = None


@dataclass(frozen=True)
class Posted:
    """How the platform knows it. The same answer every time it is asked.

    `notes`: what a person should know although it is out, such as a thumbnail that was not taken.
    """

    platform_id: str
    url: str
    published_at: datetime
    notes: tuple[str, ...] = ()
