from __future__ import annotations

import numpy as np

from actors.renderer.adapters.looks.look import Plane

__all__ = ["fade"]


def fade(before: list[Plane], after: list[Plane], share: float) -> None:
    """One picture melts into the next."""
    weight = round(share * 256)
    for old, new in zip(before, after, strict=True):
        mixed = old.astype(np.uint16) * np.uint16(256 - weight) + new.astype(np.uint16) * np.uint16(weight)
        new[:] = (mixed + 128) >> 8
