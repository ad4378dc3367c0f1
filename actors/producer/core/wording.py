"""How the producer writes numbers, lists and long texts."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["listed", "number", "shortened"]


def listed(names: Iterable[str]) -> str:
    """Names in order, parted by commas."""
    return ", ".join(sorted(names))


def number(value: float) -> str:
    """A score with as many digits as it takes: 0.5 is `0.5`, and 0.4999 is never shown as 0.5."""
    return f"{value:.4g}"


def shortened(text: str, length: int) -> str:
    """At most `length` characters, cut between words where there are any."""
    text = text.strip()
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    words = cut.rpartition(" ")[0] or cut
    return f"{words}…"
