"""What a platform takes: as data, so that it can be shown, checked before the first byte, and cut to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from actors.publisher.core.counting import Unit

__all__ = ["Chapters", "Hashtags", "Limits", "Quota", "Text"]


@dataclass(frozen=True)
class Text:
    """How long a text may be. `forbidden`: characters that are not taken."""

    most: int
    unit: Unit = "characters"
    least: int = 0
    forbidden: str = ""


@dataclass(frozen=True)
class Hashtags:
    """How many, and where they go: in the description, or only in a field of their own."""

    most: int
    place: Literal["description", "field"] = "description"
    total: int | None = None
    """Characters of all together, with a comma between two, and two more for each with a space in it (YouTube)."""


@dataclass(frozen=True)
class Chapters:
    """When lines of a description that begin with a time are chapters: so many at least, the first at 0:00, each so
    many seconds long."""

    least: int = 3
    seconds: float = 10.0


@dataclass(frozen=True)
class Quota:
    """So many posts in a time. `day`: of a calendar day in `zone`, else of any `window`.

    `scope`: of one account, or of all that share one app's credentials. A post counts when it is sent, which is ahead
    of its time where the platform keeps that itself. `each`: how much of `most` one post takes, where the platform
    counts something else, in `unit`s.
    """

    most: int
    window: timedelta = timedelta(days=1)
    scope: Literal["account", "project"] = "account"
    zone: str | None = None
    each: int = 1
    unit: str = "posts"

    @property
    def posts(self) -> int:
        """How many posts that is; one at least, or nothing would ever go out."""
        return max(1, self.most // self.each)


@dataclass(frozen=True)
class Limits:
    """The rules of one platform; `source` says where they are told. None: no such rule is known.

    Sides in pixels, durations in seconds, `aspect` as width through height.
    """

    source: str
    description: Text
    title: Text | None = None
    hashtags: Hashtags = Hashtags(30)
    chapters: Chapters | None = None
    """None: a description has no chapters there."""
    bytes: tuple[int, int] | None = None
    duration: tuple[float, float] | None = None
    fps: tuple[float, float] | None = None
    side: tuple[int, int] | None = None
    aspect: tuple[float, float] | None = None
    content_types: tuple[str, ...] = ("video/mp4",)
    quotas: tuple[Quota, ...] = ()
    schedules: tuple[timedelta, timedelta] | None = None
    """How far ahead the platform itself takes a time, from and to; None: it can't."""
    by_hand: str = ""
    """How a person changes the time of a post that the platform keeps, where Clipwire does not (see `Moves`)."""
