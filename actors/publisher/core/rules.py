"""How a post stands to what its platform takes."""

from __future__ import annotations

from dataclasses import dataclass

from actors.publisher.core.counting import Unit, length
from actors.publisher.core.limits import Limits, Text
from actors.publisher.ports import Post

__all__ = ["Rule", "rules"]

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
