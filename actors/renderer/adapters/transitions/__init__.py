"""Transitions: one file each, and one line in this table. Without one, segments are cut together."""

from __future__ import annotations

from collections.abc import Callable

from actors.renderer.adapters.looks.look import Plane
from actors.renderer.adapters.transitions.dip import dip
from actors.renderer.adapters.transitions.dip_white import dip_white
from actors.renderer.adapters.transitions.fade import fade
from actors.renderer.adapters.transitions.slide import slide
from actors.renderer.adapters.transitions.whip import whip
from actors.renderer.adapters.transitions.wipe import wipe
from actors.renderer.adapters.transitions.zoom import zoom
from runtime.errors import Reject

__all__ = ["TRANSITIONS", "Mix", "transition_named"]

Mix = Callable[[list[Plane], list[Plane], float], None]
"""`mix(before, after, share)` makes the picture between two, in place, in `after`; `share` is above 0 and below 1.

Both are the planes of yuv420p (BT.709, limited range) of one size; `before` may be spoilt as well. Deterministic.
The first line of its docstring says what it looks like, for a person.
"""

TRANSITIONS: dict[str, Mix] = {
    "fade": fade,
    "slide": slide,
    "zoom": zoom,
    "whip": whip,
    "wipe": wipe,
    "dip": dip,
    "dip_white": dip_white,
}


def transition_named(name: str, field: str) -> Mix:
    """The transition of a name. `field` is the path of that name; raises `Reject` where there is no such transition."""
    if name not in TRANSITIONS:
        known = ", ".join(sorted(TRANSITIONS))
        raise Reject(
            f"There is no transition {name!r}",
            advice=f"Transitions are: {known}; leave it out for a cut",
            field=field,
        )
    return TRANSITIONS[name]
