"""Hard cuts from small pictures, found while they stream by.

A cut is a change that stands out from the changes around it (measured as FFmpeg's `scdet` does, by the mean absolute
difference of luma), that also changes the colours or the structure of the picture, and that does not go back (a flash
does). Fades and dissolves are no cuts: a camera path may not jump there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.picture import Picture

__all__ = ["CutFinder"]

AROUND = 6
"""Pictures before and behind a change that it is compared with."""
LEAST = 6.0
"""Mean luma difference (0 to 255) below which nothing is a cut; a cut between two dark pictures makes about 8."""
STANDS_OUT = 2.5
"""How many times the typical change around it a cut must be."""
COLOURS = 0.3
"""Share of the pixels that must change their colour while the structure changes somewhat (LIKE), or"""
STRUCTURE = 0.5
"""the correlation of luma that must be undercut."""
LIKE = 0.9
GOES_BACK = 0.5
"""A flash: a picture soon after differs from the one before by less than this share of the change."""
LEAST_SHOT = 0.3
"""Seconds; of two changes closer than this the stronger one is the cut."""


@dataclass(frozen=True)
class _Step:
    """One picture, and how it differs from the one before."""

    t: float
    luma: NDArray[Any]
    histogram: NDArray[Any]
    change: float = 0.0
    colours: float = 0.0
    likeness: float = 1.0


class CutFinder:
    """Judges every change as soon as the pictures behind it are seen."""

    def __init__(self) -> None:
        self.cuts: list[float] = []
        self._strength = 0.0
        self._steps: list[_Step] = []
        self._next = 1

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        self._steps.append(self._measure(picture))
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

    def _measure(self, picture: Picture) -> _Step:
        import numpy as np

        histogram = _histogram(picture.rgb)
        small = picture.luma.astype(np.float32)
        if not self._steps:
            return _Step(picture.t, small, histogram)
        before = self._steps[-1]
        return _Step(
            picture.t,
            small,
            histogram,
            change=picture.change,
            colours=float(np.abs(histogram - before.histogram).sum()) / 2,
            likeness=_correlation(small, before.luma),
        )

    def _judge(self, index: int) -> None:
        import numpy as np

        step, before = self._steps[index], self._steps[index - 1]
        if step.change < LEAST or not (step.likeness < STRUCTURE or (step.colours > COLOURS and step.likeness < LIKE)):
            return
        near = [s.change for s in self._steps[max(1, index - AROUND) : index + AROUND + 1] if s is not step]
        if near and step.change < STANDS_OUT * float(np.median(near)):
            return
        later = self._steps[index + 1 : index + 1 + AROUND]
        if any(np.abs(s.luma - before.luma).mean() < GOES_BACK * step.change for s in later):
            return
        self._keep(step)

    def _keep(self, step: _Step) -> None:
        if self.cuts and step.t - self.cuts[-1] < LEAST_SHOT:
            if step.change <= self._strength:
                return
            self.cuts.pop()
        self.cuts.append(step.t)
        self._strength = step.change


def _histogram(rgb: NDArray[Any]) -> NDArray[Any]:
    """Shares of the pixels in 6 x 6 x 6 colours."""
    import numpy as np

    levels = (rgb.astype(np.uint16) * 6) >> 8
    index = levels[..., 0] * 36 + levels[..., 1] * 6 + levels[..., 2]
    shares: NDArray[Any] = np.bincount(index.ravel(), minlength=216) / index.size
    return shares


def _correlation(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Pearson's r of two pictures; 1 where both are flat."""
    import numpy as np

    x, y = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / norm if norm > a.size else 1.0
