"""What a platform takes: as data, so that it can be shown, checked before the first byte, and cut to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from actors.publisher.core.counting import Unit, length

if TYPE_CHECKING:
    from actors.publisher.ports import Post

__all__ = ["Chapters", "Hashtags", "Limits", "Quota", "Rule", "Text", "rules"]


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


_UNITS: dict[Unit, str] = {
    "characters": "characters",
    "utf16": "UTF-16 units",
    "bytes": "bytes",
    "graphemes": "characters as seen",
    "weighted": "characters as X counts",
}


@dataclass(frozen=True)
class Rule:
    """One rule of a platform and how a post stands to it. `fix` says what to do where it is broken."""

    name: str
    kept: bool
    found: str
    allowed: str
    fix: str = ""


def rules(limits: Limits, post: Post) -> list[Rule]:
    """Every rule of the limits, in the order in which a person would mend what is broken."""
    film = post.film
    checked = [
        Rule(
            "file format",
            film.content_type in limits.content_types,
            film.content_type,
            " or ".join(limits.content_types),
            "Render it again; Clipwire's renders are MP4",
        )
    ]
    if limits.bytes:
        checked.append(
            _within("file size", film.bytes, limits.bytes, "bytes", "Render it at a lower quality, or shorter")
        )
    if limits.duration:
        checked.append(_within("duration", film.duration, limits.duration, "s", "Render another span of the clip"))
    if limits.fps:
        checked.append(_within("frame rate", film.fps, limits.fps, "fps", "Set `fps` in the recipe"))
    if limits.side:
        sides = (min(film.width, film.height), max(film.width, film.height))
        kept = limits.side[0] <= sides[0] and sides[1] <= limits.side[1]
        allowed = f"sides of {limits.side[0]} to {limits.side[1]} px"
        checked.append(
            Rule("picture size", kept, f"{film.width}x{film.height}", allowed, "Set `width` and `height` in the recipe")
        )
    if limits.aspect:
        shape = film.width / film.height
        checked.append(
            _within(
                "picture shape",
                round(shape, 3),
                limits.aspect,
                "(width through height)",
                "Add a shape to the recipe's `shapes`",
            )
        )
    if limits.title:
        checked.append(_text("title", post.title, limits.title))
    checked.append(_text("description", post.description, limits.description))
    return checked


def _within(name: str, value: float, span: tuple[float, float], unit: str, fix: str) -> Rule:
    allowed = f"{_number(span[0])} to {_number(span[1])} {unit}"
    return Rule(name, span[0] <= value <= span[1], f"{_number(value)} {unit}", allowed, fix)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def _text(name: str, text: str, limit: Text) -> Rule:
    size = length(text, limit.unit)
    kept = limit.least <= size <= limit.most and not set(limit.forbidden) & set(text)
    allowed = f"{limit.least} to {limit.most} {_UNITS[limit.unit]}" + (
        f", without {limit.forbidden}" if limit.forbidden else ""
    )
    return Rule(name, kept, f"{size} {_UNITS[limit.unit]}", allowed, f"Publish it with another `{name}`")
