"""Hard cuts, found while small pictures stream by.

A cut is a change that stands out from the changes around it (measured as FFmpeg's `scdet` does, by the mean absolute
difference of luma), that does not go back (a flash does), that no motion of the camera explains, and that gives the
picture other colours, another structure, or, where both are alike, new content nearly everywhere. Fades and dissolves
are no cuts: a camera path may not jump there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.pictures.picture import difference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.pictures.picture import Picture

__all__ = ["CutFinder"]

AROUND, LATELY = 6, 1.0
"""Pictures before and behind a change that it is compared with, and the seconds within which they are."""
LEAST = 1.2
"""Mean luma difference (0 to 255) below which nothing is a cut; one between two dark pictures makes 2 or 3."""
TWIN = 0.12
"""Mean luma difference below which a picture is the one before once more, as where 24 pictures a second became 30."""
STANDS_OUT = 2.5
"""How many times the typical change around it a cut must be, and"""
ALONE = 1.6
"""how many times the second largest one: a cut may be spread over two pictures, a burst of motion is over many."""
COLOURS = 0.3
"""Share of the pixels that must change their colour while the structure changes somewhat (LIKE), or"""
STRUCTURE = 0.5
"""the correlation of luma that must be undercut."""
LIKE = 0.9
CLEAR = 6.0
"""Mean luma difference from which these two are enough; below, or where both are alike, it must be"""
SUDDEN = 4.0
"""so many times what is typical (and the second largest one, where it looks like a pan: these last), and"""
EVERYWHERE = 0.45
"""change this share of all places that are not flat."""
GOES_BACK = 0.5
"""A flash: a picture soon after differs from the one before by less than this share of the change."""
FLASH = 0.5
"""Seconds that a flash may last."""
PANNED = 0.85
"""Correlation of what both pictures show, moved onto each other, from which the camera moved and nothing was cut."""
FAR, FARTHEST = 4, 0.3
"""Pixels that it must have moved for that: less makes no change that stands out; and the share of the picture that it
can have moved."""
LEAST_SHOT = 0.3
"""Seconds; of two changes closer than this the stronger one is the cut."""
ROUGH = 2.0
"""Variance of the luma of a place from which it has texture."""
BLOCK = 8
"""Pixels of a side of the places that are looked at one by one."""


@dataclass
class _Step:
    """One picture, and how it differs from the one before; `until`: the last time at which it was still the same."""

    t: float
    luma: NDArray[Any]
    histogram: NDArray[Any]
    change: float
    until: float


class CutFinder:
    """Judges every change as soon as the pictures behind it are seen."""

    def __init__(self) -> None:
        self.cuts: list[float] = []
        self._strength = 0.0
        self._steps: list[_Step] = []
        self._next = 1

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        if self._steps and picture.change < TWIN:
            self._steps[-1].until = picture.t
            return
        self._steps.append(_Step(picture.t, picture.luma, _histogram(picture.rgb), picture.change, picture.t))
        if len(self._steps) > self._next + AROUND:
            self._judge(self._next)
            self._advance()

    def finish(self) -> list[float]:
        """Times of the first pictures of new shots."""
        while self._next < len(self._steps):
            self._judge(self._next)
            self._advance()
        return self.cuts

    def _advance(self) -> None:
        if self._next > AROUND:
            del self._steps[0]
        else:
            self._next += 1

    def _judge(self, index: int) -> None:
        step, before = self._steps[index], self._steps[index - 1]
        if step.change < LEAST:
            return
        around = self._steps[max(1, index - AROUND) : index + AROUND + 1]
        near = [s.change for s in around if s is not step and abs(s.t - step.t) < LATELY]
        typical, second = _typical(near)
        if step.change < max(STANDS_OUT * typical, ALONE * second):
            return
        if not _other(before, step, typical) or self._goes_back(index):
            return
        if step.change < SUDDEN * second and _panned(before.luma, step.luma):
            return
        self._keep(step)

    def _goes_back(self, index: int) -> bool:
        """Whether this is the beginning or the end of a flash: the pictures on both sides of it are the same."""
        step, before = self._steps[index], self._steps[index - 1]
        most = GOES_BACK * step.change
        later = (s for s in self._steps[index + 1 : index + 1 + AROUND] if s.t - step.t < FLASH)
        earlier = (s for s in self._steps[max(0, index - 1 - AROUND) : index - 1] if step.t - s.until < FLASH)
        return any(difference(s.luma, before.luma) < most for s in later) or any(
            difference(s.luma, step.luma) < most for s in earlier
        )

    def _keep(self, step: _Step) -> None:
        if self.cuts and step.t - self.cuts[-1] < LEAST_SHOT:
            if step.change <= self._strength:
                return
            self.cuts.pop()
        self.cuts.append(step.t)
        self._strength = step.change


def _typical(near: list[float]) -> tuple[float, float]:
    """Median and second largest of the changes around; where the picture stood still there were none."""
    ordered = sorted([*near, *[0.0] * (AROUND - len(near))])
    return ordered[len(ordered) // 2], ordered[-2]


def _other(before: _Step, step: _Step, typical: float) -> bool:
    """Whether the step shows something else than the picture before it."""
    import numpy as np

    likeness = _correlation(step.luma, before.luma)
    colours = float(np.abs(step.histogram - before.histogram).sum()) / 2
    if step.change >= CLEAR and (likeness < STRUCTURE or (colours > COLOURS and likeness < LIKE)):
        return True
    return step.change >= SUDDEN * typical and _changed(before.luma, step.luma) >= EVERYWHERE


def _changed(before: NDArray[Any], now: NDArray[Any]) -> float:
    """Share of the places with texture whose structure is another one, whatever became of the light. Half of the
    picture counts as texture at least: words that pop up in the dark are no new picture."""
    import numpy as np

    a, b = _blocks(before), _blocks(now)
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    textured = ((a * a).mean(axis=1) > ROUGH) | ((b * b).mean(axis=1) > ROUGH)
    likeness = (a * b).sum(axis=1) / (((a * a).sum(axis=1) * (b * b).sum(axis=1)) ** 0.5 + 1)
    other = int(np.count_nonzero(textured & (likeness < LIKE - 0.1)))
    return other / max(1, int(np.count_nonzero(textured)), len(textured) // 2)


def _blocks(luma: NDArray[Any]) -> NDArray[Any]:
    """Float32 of shape (places, BLOCK * BLOCK); what is left over at the edges is left out."""
    import numpy as np

    rows, columns = luma.shape[0] // BLOCK, luma.shape[1] // BLOCK
    cut = luma[: rows * BLOCK, : columns * BLOCK].astype(np.float32)
    return cut.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).reshape(rows * columns, BLOCK * BLOCK)


def _panned(before: NDArray[Any], now: NDArray[Any]) -> bool:
    """Whether one picture, moved, is the other one. By phase correlation (Kuglin and Hines, 1975)."""
    import cv2
    import numpy as np

    a, b = before.astype(np.float32), now.astype(np.float32)
    height, width = a.shape
    (dx, dy), _ = cv2.phaseCorrelate(a, b, cv2.createHanningWindow((width, height), cv2.CV_32F))
    x, y = round(dx), round(dy)
    if max(abs(x), abs(y)) < FAR or abs(x) > FARTHEST * width or abs(y) > FARTHEST * height:
        return False
    here = a[max(0, -y) : height - max(0, y), max(0, -x) : width - max(0, x)]
    there = b[max(0, y) : height + min(0, y), max(0, x) : width + min(0, x)]
    return _correlation(here, there) > PANNED and _changed(here, there) < EVERYWHERE


def _histogram(rgb: NDArray[Any]) -> NDArray[Any]:
    """Shares of the pixels in 6 x 6 x 6 colours."""
    import cv2
    import numpy as np

    counts = cv2.calcHist([rgb], [0, 1, 2], None, [6, 6, 6], [0, 256, 0, 256, 0, 256])
    shares: NDArray[Any] = counts.ravel() / np.float32(rgb.shape[0] * rgb.shape[1])
    return shares


def _correlation(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Pearson's r of two pictures; 0 where one of them is flat."""
    import numpy as np

    x, y = one.astype(np.float32), other.astype(np.float32)
    x, y = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / norm if norm > x.size else 0.0
