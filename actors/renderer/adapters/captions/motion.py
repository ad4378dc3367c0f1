"""How words and pages move: pure functions of the seconds since something began."""

from __future__ import annotations

import math

__all__ = ["BOUNCE_S", "POP_S", "RISE_S", "bounce", "pop", "rise"]

POP_S, BOUNCE_S, RISE_S = 0.14, 0.42, 0.12
SMALLEST, OVERSHOOT = 0.9, 0.14


def pop(t: float) -> float:
    """Scale of a word that jumps out and settles at 1: over it after a third of the time, and slower back."""
    if t >= POP_S:
        return 1.0
    share = max(0.0, t / POP_S)
    if share < 1 / 3:
        return SMALLEST + (1 + OVERSHOOT - SMALLEST) * math.sin(share * 3 * math.pi / 2)
    return 1 + OVERSHOOT * (1 + math.cos((share - 1 / 3) * 1.5 * math.pi)) / 2


def bounce(t: float) -> float:
    """Height of a word that hops and hops again, lower; from 0 to 1."""
    if not 0 <= t < BOUNCE_S:
        return 0.0
    first = BOUNCE_S * 0.62
    if t < first:
        return 1 - (2 * t / first - 1) ** 2
    return 0.3 * (1 - (2 * (t - first) / (BOUNCE_S - first) - 1) ** 2)


def rise(t: float) -> float:
    """How far a page that comes up still has to go: 1 at first, 0 at the end, slowing down."""
    return (1 - min(max(t, 0.0) / RISE_S, 1.0)) ** 2
