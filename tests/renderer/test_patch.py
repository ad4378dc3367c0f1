"""Patches on and off the picture."""

from __future__ import annotations

import numpy as np
import pytest
from av.video.frame import VideoFrame

from actors.renderer.adapters.patch import blend, patch_of
from actors.renderer.adapters.planes import planes_of


@pytest.mark.parametrize("x", [-40, -20, -10, 0, 50, 60, 64, 200])
@pytest.mark.parametrize("y", [-40, -20, -10, 0, 30, 48, 200])
def test_what_lies_outside_of_the_picture_is_cut(x: int, y: int) -> None:
    frame = VideoFrame(64, 48, "yuv420p")
    for plane in planes_of(frame):
        plane[:] = 100
    blend(frame, patch_of(np.full((20, 20, 3), 255.0), np.ones((20, 20)), x, y))
    luma = planes_of(frame)[0]
    inside = np.zeros((48, 64), bool)
    inside[max(0, y) : max(0, y + 20), max(0, x) : max(0, x + 20)] = True
    assert (luma[inside] >= 234).all()
    assert (luma[~inside] == 100).all()
