"""Fades and dissolves: stretches in which the picture is a mix of the one before and the one behind it.

While one picture becomes another, every picture in between is `(1 - a) * first + a * last` with a share `a` that grows
steadily, and what is left over is small; motion and pans leave much over. A fade is such a mix with black or white.
The production model of Hampapur, Jain and Weymouth (Digital video segmentation, 1994), solved for `a`.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from actors.vlm.adapters.pictures.picture import difference
from contracts.sight import Fade

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.pictures.picture import Picture

__all__ = ["FadeFinder"]

SIDE = 32
"""Longer side, in pixels, of the pictures that are compared: small motion in them does not matter."""
EVERY = 0.08
"""Seconds between two pictures that are looked at."""
SPANS = (0.8, 1.6, 2.8)
"""Seconds over which a mix is looked for; a longer fade is seen in pieces that are joined."""
LEAST = 8.0
"""Mean luma difference (0 to 255) between the first and the last picture of a mix."""
LEFT_OVER = 0.3
"""What is not mixed, as a share of that difference."""
ALIKE = 0.7
"""Correlation of luma from which both pictures are the same one in another light, or slightly moved."""
MOST_STEP = 0.4
"""Share that may be mixed in between two looks; more is a cut."""
BETWEEN = 3
"""Pictures that must be neither the first nor the last."""
FLAT = 6.0
"""Standard deviation of the luma of a picture that shows nothing, and"""
DARK, BRIGHT = 28.0, 225.0
"""the mean luma up to which it is black, from which it is white."""


@dataclass(frozen=True)
class _Found:
    """A mix with how well it fits: the smaller `left_over`, the better."""

    kind: Literal["in", "out", "dissolve"]
    start: float
    end: float
    left_over: float


class FadeFinder:
    """Compares every picture with the ones before it, over spans of several lengths."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._pictures: list[NDArray[Any]] = []
        self._found: list[_Found] = []

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        import cv2
        import numpy as np

        if self._times and picture.t - self._times[-1] < EVERY - 0.005:
            return
        height, width = picture.luma.shape
        scale = SIDE / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(picture.luma, size, interpolation=cv2.INTER_AREA)
        self._times.append(picture.t)
        self._pictures.append(small.astype(np.float32).ravel())
        while self._times[-1] - self._times[0] > SPANS[-1] + EVERY:
            del self._times[0], self._pictures[0]
        self._look_back()

    def finish(self) -> list[Fade]:
        """In order of time, without overlap."""
        return [Fade(kind=f.kind, start=round(f.start, 3), end=round(f.end, 3)) for f in self._found]

    def _keep(self, found: _Found) -> None:
        """Of mixes that overlap, the one that fits best."""
        while self._found and self._found[-1].end > found.start:
            if self._found[-1].left_over <= found.left_over:
                return
            self._found.pop()
        self._found.append(found)

    def _look_back(self) -> None:
        """Whether the newest picture is what another one became."""
        now, last = self._times[-1], self._pictures[-1]
        for span in SPANS:
            first = bisect_left(self._times, now - span - 0.01)
            if len(self._times) - first < BETWEEN + 2 or now - self._times[first] < 0.6 * span:
                continue
            if difference(last, self._pictures[first]) >= LEAST:
                self._mixed(first)

    def _mixed(self, first: int) -> None:
        import numpy as np

        start, end = self._pictures[first], self._pictures[-1]
        way = end - start
        length = float(way @ way)
        count = len(self._pictures) - first
        for part in (2, 1, 3):  # most are no mix, and the middle tells so, or else a quarter
            picture = self._pictures[first + part * count // 4] - start
            share = float(picture @ way) / length
            left_over = float(picture @ picture) - share**2 * length
            if left_over > LEFT_OVER**2 * length and (part == 2 or 0.1 < share < 0.9):
                return
        pictures = np.stack(self._pictures[first:])
        shares = (pictures - start) @ way / length
        left = np.linalg.norm(pictures - start - shares[:, None] * way, axis=1) / length**0.5
        between = (shares > 0.1) & (shares < 0.9)
        steps = np.diff(shares)
        if between.sum() < BETWEEN or steps.min() < -0.08 or steps.max() > MOST_STEP:
            return
        worst = float(left[between].max())
        kind = _kind(start, end)
        if worst > LEFT_OVER or kind is None:
            return
        times = self._times[first:]
        # The straight line through the mix tells where it begins and ends, between two looks.
        slope, offset = np.polyfit(np.array(times)[between], shares[between], 1)
        if slope <= 0:
            return
        begins, ends = float(-offset / slope), float((1 - offset) / slope)
        # What is still going on is no picture that another one became; nothing is, though.
        whole_start = kind == "in" or begins > times[0] + EVERY / 2
        whole_end = kind == "out" or ends < times[-1] - EVERY / 2
        if whole_start and whole_end:
            self._keep(_Found(kind, max(times[0], begins), min(times[-1], ends), worst))


def _kind(start: NDArray[Any], end: NDArray[Any]) -> Literal["in", "out", "dissolve"] | None:
    """What it is when the first picture becomes the last one; None for the same one in another light."""
    import numpy as np

    if _empty(end):
        return None if _empty(start) else "out"
    if _empty(start):
        return "in"
    if float(np.corrcoef(start, end)[0, 1]) > ALIKE:
        return None
    return "dissolve"


def _empty(picture: NDArray[Any]) -> bool:
    return float(picture.std()) < FLAT and not DARK < float(picture.mean()) < BRIGHT
