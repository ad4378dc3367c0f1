"""Spans of time as pairs of seconds, first and last."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Span", "united"]

Span = tuple[float, float]


def united(spans: Iterable[Span], *, apart: float = 0.0) -> list[Span]:
    """In order; those that overlap, touch, or lie no more than `apart` seconds apart are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + apart:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
