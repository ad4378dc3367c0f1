"""Transitions: one file each, and one line in this table. Without one, segments are cut together."""

from __future__ import annotations

from collections.abc import Callable

from actors.renderer.adapters.looks.look import Plane
from actors.renderer.adapters.transitions.fade import fade

__all__ = ["TRANSITIONS", "Mix"]

Mix = Callable[[list[Plane], list[Plane], float], None]
"""`mix(before, after, share)` makes the picture between two, in place, in `after`; `share` is above 0 and below 1.

Both are the planes of yuv420p (BT.709, limited range) of one size; `before` may be spoilt as well. Deterministic.
"""

TRANSITIONS: dict[str, Mix] = {
    "fade": fade,
}
