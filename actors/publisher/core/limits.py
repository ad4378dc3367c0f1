"""What a platform takes: as data, so that it can be shown, checked before the first byte, and cut to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

__all__ = ["Hashtags", "Limits", "Quota", "Text"]

Unit = Literal["characters", "utf16", "bytes", "graphemes", "weighted"]
"""Code points, UTF-16 units, bytes of UTF-8, what a reader sees as one (UAX 29), or weighted as X does."""


@dataclass(frozen=True)
class Text:
    """How long a text may be. `forbidden`: characters that are not taken."""

    most: int
    unit: Unit = "characters"
    least: int = 0
    forbidden: str = ""


@dataclass(frozen=True)
class Hashtags:
    """How many, and where they go: at the end of the description, of the title, or in a field of their own."""

    most: int
    place: Literal["description", "title", "field"] = "description"
    total: int | None = None
    """Characters of all together, with a comma between two, and two more for each with a space in it (YouTube)."""


@dataclass(frozen=True)
class Quota:
    """So many posts in a time. `day`: of a calendar day in `zone`, else of any `window`.

    `scope`: of one account, or of all that share one app's credentials.
    """

    most: int
    window: timedelta = timedelta(days=1)
    scope: Literal["account", "project"] = "account"
    zone: str | None = None


@dataclass(frozen=True)
class Limits:
    """The rules of one platform; `source` says where they are told. None: no such rule is known.

    Sides in pixels, durations in seconds, `aspect` as width through height.
    """

    source: str
    description: Text
    title: Text | None = None
    hashtags: Hashtags = Hashtags(30)
    bytes: tuple[int, int] | None = None
    duration: tuple[float, float] | None = None
    fps: tuple[float, float] | None = None
    side: tuple[int, int] | None = None
    aspect: tuple[float, float] | None = None
    content_types: tuple[str, ...] = ("video/mp4",)
    quotas: tuple[Quota, ...] = ()
    schedules: tuple[timedelta, timedelta] | None = None
    """How far ahead the platform itself takes a time, from and to; None: it can't."""
