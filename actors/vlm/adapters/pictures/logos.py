"""Static logos: edges that stay where they are while the rest of the picture changes.

An edge of a logo is there in nearly every look, and always runs alike: the mean of its gradients is as long as the mean
of their lengths, whatever is behind it. A scene that stands still has such edges everywhere, so they must be few among
all edges; and where the picture around such an edge stands still, too, it is a part of the scene.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.pictures.looks import LOOK, Pace
from actors.vlm.adapters.pictures.picture import difference
from contracts.sight import Area

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.pictures.picture import Picture

__all__ = ["LogoFinder"]

EVERY = 1.0
"""Seconds between two looks."""
OTHER = 12.0
"""Mean luma difference (0 to 255) to the last look that was taken: a picture that is as it was tells nothing."""
LOOKS = 8
"""Looks at different pictures after which it is told what stayed."""
STRONG = 60.0
"""Length of the gradient (Sobel, luma from 0 to 255) on the edge of a logo, and"""
NEARLY = 0.85
"""the share of the looks in which it is there."""
STEADY = 0.9
"""Length of the mean gradient as a share of the mean length."""
MOST = 0.25
"""Share of all edges, in a typical look, from which on what stays is no logo but the scene."""
CHANGES, MOSTLY = 6.0, 0.75
"""Standard deviation of the luma, changes of the light taken out, that this share of what is around it must have."""
AROUND = 9
"""Pixels (of LOOK) that this is wide."""
SIZES = (0.0004, 0.08)
"""Share of the picture that a logo takes up."""
THINNEST, LONGEST = 0.012, 0.4
"""Shares of the picture's width or height that it is long at least and at most; borders and bars are not."""
MIDDLE = (0.3, 0.7)
"""Shares of width and height between which its centre is not, both at once."""


class LogoFinder:
    """Sums up gradients over LOOKS different pictures at a time."""

    def __init__(self) -> None:
        self._pace = Pace(EVERY)
        self._last: NDArray[Any] | None = None
        self._sums: list[NDArray[Any]] = []
        self._count, self._since, self._until, self._told = 0, 0.0, 0.0, 0.0
        self._end = 0.0
        self._found: list[Area] = []

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        import cv2
        import numpy as np

        self._end = picture.t
        if not self._pace.due(picture.t):
            return
        if self._last is not None and difference(self._last, picture.luma) < OTHER:
            return
        self._last = picture.luma
        gray = picture.gray(LOOK)
        across, down = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
        length = cv2.magnitude(across, down)
        tone = gray - np.float32(np.median(gray))
        parts = [across, down, length, (length > STRONG).astype(np.float32), tone, tone * tone]
        if not self._count:
            self._since = self._until
        self._sums = [a + b for a, b in zip(self._sums, parts, strict=True)] if self._count else parts
        self._count += 1
        self._until = picture.t
        if self._count == LOOKS:
            self._judge()

    def finish(self) -> list[Area]:
        """In order of time; one that stays is one area."""
        joined: list[Area] = []
        for area in self._found:
            same = next((a for a in joined if a.end >= area.start and _overlap(a, area) > 0.3), None)
            if same is None:
                joined.append(area)
            else:
                joined[joined.index(same)] = same.model_copy(update={"end": area.end})
        # What was there when it was last told is there to the end.
        stays = [a.model_copy(update={"end": round(self._end, 3)}) if a.end >= self._told - 1e-3 else a for a in joined]
        return [a for a in stays if a.end > a.start]

    def _judge(self) -> None:
        import cv2
        import numpy as np

        across, down, length, there, tone, square = (total / self._count for total in self._sums)
        steady = (there > NEARLY) & (cv2.magnitude(across, down) > STEADY * length)
        self._count, self._sums, self._told = 0, [], round(self._until, 3)
        if np.count_nonzero(steady) > MOST * float(there.sum()):
            return
        mask = cv2.morphologyEx(steady.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 15), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        rows, columns = mask.shape
        changes = square - tone * tone > CHANGES * CHANGES
        for left, top, width, height, _ in stats[1:count].tolist():
            inside = steady[top : top + height, left : left + width]
            if np.count_nonzero(inside) >= 0.1 * inside.size and _is_over(changes, left, top, width, height):
                self._keep(left / columns, top / rows, width / columns, height / rows)

    def _keep(self, x: float, y: float, width: float, height: float) -> None:
        low, high = MIDDLE
        central = low < x + width / 2 < high and low < y + height / 2 < high
        if (
            SIZES[0] <= width * height <= SIZES[1]
            and min(width, height) >= THINNEST
            and max(width, height) <= LONGEST
            and not central
        ):
            box = {"x": round(x, 4), "y": round(y, 4), "width": round(width, 4), "height": round(height, 4)}
            self._found.append(Area(kind="logo", start=round(self._since, 3), end=round(self._until, 3), **box))


def _is_over(changes: NDArray[Any], left: int, top: int, width: int, height: int) -> bool:
    """Whether the picture around this box is another one again and again."""
    import numpy as np

    wide = np.s_[max(0, top - AROUND) : top + height + AROUND, max(0, left - AROUND) : left + width + AROUND]
    box = np.s_[max(0, top - 2) : top + height + 2, max(0, left - 2) : left + width + 2]  # edges are blurred
    around = changes[wide].size - changes[box].size
    return bool(np.count_nonzero(changes[wide]) - np.count_nonzero(changes[box]) >= MOSTLY * around)


def _overlap(one: Area, other: Area) -> float:
    """Intersection as a share of the union."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    both = max(0.0, width) * max(0.0, height)
    return both / (one.width * one.height + other.width * other.height - both)
