"""Chance, so that many who wait for the same thing do not come back at the same moment."""

from __future__ import annotations

from random import SystemRandom

__all__ = ["jitter"]

_CHANCE = SystemRandom()


def jitter(low: float = 0.0, high: float = 1.0) -> float:
    """A number between `low` and `high`, another one in every process and every time."""
    return _CHANCE.uniform(low, high)
