"""Readers of other people's JSON: what is not told, or is not what it should be, is absent and never an error of ours.

All take the way to a value, name by name: `text_of(told, "snippet", "title")`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NoReturn

from actors.publisher.ports import Answer
from runtime.errors import Reject, Unavailable

__all__ = [
    "Refusals",
    "number_of",
    "object_of",
    "objects_of",
    "sum_of",
    "text_of",
    "time_of",
    "whole_of",
    "words_in",
]


def text_of(told: Any, *path: str) -> str:
    """A text; empty where there is none."""
    value = _at(told, path)
    return value if isinstance(value, str) else ""


def whole_of(told: Any, *path: str) -> int | None:
    """A whole number, such as a count; none where there is none."""
    value = _at(told, path)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def sum_of(told: Any, *names: str) -> int | None:
    """The sum of those of an object's whole numbers that it has; none where it has none of them."""
    known = [number for name in names if (number := whole_of(told, name)) is not None]
    return sum(known) if known else None


def number_of(told: Any, *path: str) -> float | None:
    """A finite number; none where there is none."""
    value = _at(told, path)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def time_of(told: Any, *path: str, zone: tzinfo | None = None) -> datetime | None:
    """A moment (ISO 8601); none where there is none. One without an offset is in `zone`, and without that none."""
    try:
        at = datetime.fromisoformat(text_of(told, *path))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone) if zone else None


def object_of(told: Any, *path: str) -> dict[str, Any]:
    """An object; empty where there is none."""
    value = _at(told, path)
    return value if isinstance(value, dict) else {}


def objects_of(told: Any, *path: str) -> list[dict[str, Any]]:
    """The objects in a list; empty where there is none."""
    value = _at(told, path)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def words_in(told: Mapping[str, Any], *names: str) -> str:
    """What the first of `names` says that says anything, in one line of 300 characters; empty where none does."""
    said = next((told[name] for name in names if told.get(name)), "")
    return " ".join(str(said).split())[:300]


@dataclass(frozen=True)
class Refusals:
    """What a platform's statuses from 300 to 499 mean. `reason`: why not, in its own words.

    The others are what a person can do: `moved` where it points elsewhere, `advice` by status, else `otherwise`.
    """

    reason: Callable[[Answer], str]
    moved: str
    advice: Mapping[int, str] = field(default_factory=dict)
    otherwise: str = "Change what it names, then publish it again"

    def took(self, answer: Answer, what: str) -> dict[str, Any]:
        """The answer's JSON, where it is no refusal; `what` was refused, as the beginning of a sentence."""
        return answer.json() if answer.ok else self.refuse(answer, what)

    def refuse(self, answer: Answer, what: str) -> NoReturn:
        """Raises `Unavailable` for a 3xx, `Reject` for a 4xx."""
        if answer.status < 400:
            where = answer.headers.get("location", "another address")
            raise Unavailable(f"{what}: it points to {where[:300]}", advice=self.moved)
        raise Reject(f"{what}: {self.reason(answer)}", advice=self.advice.get(answer.status, self.otherwise))


def _at(told: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told
