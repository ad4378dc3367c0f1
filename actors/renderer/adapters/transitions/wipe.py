from __future__ import annotations

import numpy as np

from actors.renderer.adapters.looks.look import Plane
from actors.renderer.adapters.transitions.blending import eased, mixed

__all__ = ["wipe"]

EDGE = 0.25
"""Width of the soft edge, in widths of the picture."""


def wipe(before: list[Plane], after: list[Plane], share: float) -> None:
    """The next picture is uncovered from left to right, with a soft edge."""
    columns = after[0].shape[1]
    place = (np.arange(columns) + 0.5) / columns
    reached = np.clip((eased(share) * (1 + EDGE) - place) / EDGE, 0, 1)
    mixed(before, after, reached * reached * (3 - 2 * reached))
