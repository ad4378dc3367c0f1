"""A bar that grows with the time that has passed, by fractions of a pixel, on a translucent track."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actors.renderer.adapters.overlays.presence import presence
from actors.renderer.adapters.patch import Patch, blend, patch_of, to_yuv
from actors.renderer.adapters.planes import planes_of
from actors.renderer.core import Schedule
from contracts.timeline import ProgressOverlay

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["ProgressPainter"]

TRACK = 0.35
"""How dark the track is on which the bar grows: it is seen how much is left, on every ground."""


class ProgressPainter:
    """One bar along the whole width; full with the last picture of the short."""

    def __init__(self, overlay: ProgressOverlay, schedule: Schedule, size: tuple[int, int], field: str) -> None:
        width, height = size
        rows = max(2, round(overlay.height * height / 2) * 2)
        self._shown = presence(overlay.start, overlay.end, 0.0, schedule, field)
        self._frames = schedule.frames
        self._top = 0 if overlay.edge == "top" else height - rows
        self._rows = rows
        red, green, blue = bytes.fromhex(overlay.color[1:])
        self._color = to_yuv((red, green, blue))
        alpha = np.full((rows, width), TRACK, np.float32)
        self._track: Patch = patch_of(np.zeros((rows, width, 3), np.float32), alpha, 0, self._top)

    def paint(self, frame: VideoFrame, number: int) -> None:
        """See `Painter.paint`."""
        if not self._shown.share(number):
            return
        blend(frame, self._track)
        passed = (number + 1) / self._frames
        for n, (plane, value) in enumerate(zip(planes_of(frame), self._color, strict=True)):
            shift = 1 if n else 0
            bar = plane[self._top >> shift : (self._top + self._rows) >> shift]
            edge = passed * bar.shape[1]
            whole = min(bar.shape[1], int(edge))
            bar[:, :whole] = round(value)
            if whole < bar.shape[1]:
                part = edge - whole
                bar[:, whole] = np.round(bar[:, whole] * (1 - part) + value * part)

    def remarks(self) -> tuple[str, ...]:
        """See `Painter.remarks`."""
        return (self._shown.remark,) if self._shown.remark else ()

    def close(self) -> None:
        """See `Painter.close`."""
