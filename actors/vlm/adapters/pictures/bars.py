"""Black bars at the edges: the part of the picture that is never lit.

A row or column belongs to a bar when it is black in every picture that is bright enough to tell. Bars are straight and
lie on both sides: what is black beside a speaker on a dark stage ends in no straight line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.pictures.looks import LOOK, Pace
from contracts.sight import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.pictures.picture import Picture

__all__ = ["BarFinder"]

_Counts = tuple["NDArray[Any]", "NDArray[Any]"]
"""For every line, in how many looks it was lit somewhere, and along much of it."""

EVERY = 1.0
"""Seconds between two looks."""
BLACK = 20
"""Luma (0 to 255) up to which a pixel is black, noise of the encoder included."""
BRIGHT = 60
"""Luma that the brightest twentieth of a picture must reach: a dark scene tells nothing."""
OFTEN = 0.4
"""Share of the looks in which something small may be seen in a bar: subtitles, a logo."""
RARE = 0.03
"""Share of the looks in which much of a line of a bar may be lit."""
SPECK = 0.004
"""Share of a line that may be lit by the noise of the encoder."""
LIT = 0.25
"""Share of the line beside a bar that is lit, in most looks: bars end in a straight line."""
MOST = 0.8
"""Share of the picture that both bars take up at most."""
LEAST = 0.02
"""Share of the picture below which a bar is left alone."""
EVEN = 0.04
"""Share of the picture by which two bars may differ."""


class BarFinder:
    """Counts how often each row and column is lit, somewhere and along much of it."""

    def __init__(self) -> None:
        self._pace = Pace(EVERY)
        self._looks = 0
        self._rows: _Counts | None = None
        self._columns: _Counts | None = None

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        import numpy as np

        if not self._pace.due(picture.t):
            return
        gray = picture.gray(LOOK)
        if np.count_nonzero(gray > BRIGHT) < 0.05 * gray.size:
            return
        lit = gray > BLACK
        self._looks += 1
        self._rows = _counted(self._rows, lit.mean(axis=1))
        self._columns = _counted(self._columns, lit.mean(axis=0))

    def finish(self) -> Box | None:
        """The picture without its bars; None where there are none, or where it was always too dark to tell."""
        if self._rows is None or self._columns is None:
            return None
        top, bottom = _bars(*self._rows, self._looks)
        left, right = _bars(*self._columns, self._looks)
        if not (top or left):
            return None
        width, height = 1 - left - right, 1 - top - bottom
        return Box(x=round(left, 4), y=round(top, 4), width=round(width, 4), height=round(height, 4))


def _counted(counts: _Counts | None, lit: NDArray[Any]) -> _Counts:
    """The counts with one look more. `lit`: share of every line that is not black."""
    import numpy as np

    here, along = (lit > SPECK).astype(np.int32), (lit > LIT).astype(np.int32)
    return (here, along) if counts is None else (counts[0] + here, counts[1] + along)


def _bars(here: NDArray[Any], along: NDArray[Any], looks: int) -> tuple[float, float]:
    """Shares of the picture that both bars take up; 0 and 0 where there are not two."""
    import numpy as np

    seen = np.flatnonzero((here > OFTEN * looks) | (along > RARE * looks))
    if not seen.size:
        return 0.0, 0.0
    count, first, last = len(here), int(seen[0]), int(seen[-1])
    before, behind = first / count, (count - 1 - last) / count
    if min(before, behind) < LEAST or abs(before - behind) > EVEN or before + behind > MOST:
        return 0.0, 0.0
    straight = all(along[line].max() > looks / 2 for line in (slice(first, first + 3), slice(last - 2, last + 1)))
    return (before, behind) if straight else (0.0, 0.0)
