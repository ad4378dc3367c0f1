"""Lines of text in one gray picture, in any script that stands in lines, without reading them.

Letters are what is lighter, or darker, than all around within a stroke's width (top-hat and black-hat transform). What
makes them text is that several stand in a row, equally high, on one base line, of one brightness, and of differing
widths: leaves, grass and water have no base line and no one brightness, windows and grids no differing widths.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Line", "lines_of"]

STROKE = 13
"""Pixels; letters have thinner strokes."""
CONTRAST = 55
"""Luma steps (0 to 255) between letters and what is around them."""
HEIGHTS = (5, 0.16)
"""Pixels, and share of the picture's height, that a letter is high."""
WIDEST = 8
"""Times its height that a piece is wide: in a small picture letters of a word grow together."""
FILL = (0.15, 0.92)
"""Share of a piece's box that it fills."""
GAP = 1.1
"""Times the height between two pieces of a line."""
ALIKE_HEIGHT = 2.3
"""Times as high another piece of the line may be."""
ALIKE_LUMA = 28.0
"""Luma steps between two neighbours of a line."""
PIECES, LONG = 4, 2.2
"""Pieces of a line at least, and times its height that it is long."""
OFF_BASE, OFF_HEIGHT, MOSTLY = 0.3, 0.6, 0.6
"""How far from the typical lower edge and height, as shares of the height, a piece may be; and how many must not be."""
BASE_SPREAD = 0.1
"""Mean distance of the lower edges of the pieces from their median, as a share of the height; half of it for PIECES."""
LUMA_SPREAD = 20.0
"""Standard deviation of the luma of the pieces of a line."""
WIDTH_SPREAD = 0.02
"""Standard deviation of the widths of the pieces as a share of their mean, at least."""
FILLED = (0.12, 0.75)
"""Share of a line's box that its pieces fill."""
MOST_PIECES = 500
"""More than this is no text but texture."""


class Line(NamedTuple):
    """A box in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Pixels."""
        return self.bottom - self.top


def lines_of(gray: NDArray[Any]) -> list[Line]:
    """The lines in a picture (uint8 of shape (height, width)), in no particular order."""
    import cv2
    import numpy as np

    kernel = np.ones((STROKE, STROKE), np.uint8)
    found: list[Line] = []
    for hat in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        mask = (cv2.morphologyEx(gray, hat, kernel) > CONTRAST).astype(np.uint8)
        pieces = _pieces(mask, gray)
        found += [line for group in _rows(pieces) if (line := _line(pieces[group])) is not None]
    return found


def _pieces(mask: NDArray[Any], gray: NDArray[Any]) -> NDArray[Any]:
    """What may be letters: float array of shape (n, 6) with left, top, width, height, filled pixels and mean luma."""
    import cv2
    import numpy as np

    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_GRANA)
    _, _, width, height, area = (stats[:, column] for column in range(5))
    fill = area / (width * height)
    most = HEIGHTS[1] * gray.shape[0]
    fits = (height >= HEIGHTS[0]) & (height <= most) & (width <= WIDEST * height) & (width * 6 >= height)
    fits &= (fill >= FILL[0]) & ((fill <= FILL[1]) | (width * 3 < height))  # an I fills its box
    fits[0] = False  # the ground
    if not 0 < np.count_nonzero(fits) <= MOST_PIECES:
        return np.zeros((0, 6))
    where = np.flatnonzero(mask.view(bool))
    sums = np.bincount(labels.ravel()[where], weights=gray.ravel()[where], minlength=len(stats))
    table = np.column_stack([stats[:, :5], sums / np.maximum(1, area)])
    kept: NDArray[Any] = table[fits].astype(float)
    return kept


def _rows(pieces: NDArray[Any]) -> list[list[int]]:
    """Which pieces are neighbours of each other, one after the other."""
    import numpy as np

    if len(pieces) < PIECES:
        return []
    left, top, width, height, _, luma = pieces.T
    higher = np.maximum(height[:, None], height)
    lower = np.minimum(height[:, None], height)
    shared = np.minimum((top + height)[:, None], top + height) - np.maximum(top[:, None], top)
    gap = np.maximum(left[:, None], left) - np.minimum((left + width)[:, None], left + width)
    near = (shared >= 0.5 * lower) & (gap <= GAP * higher) & (higher <= ALIKE_HEIGHT * lower)
    near &= np.abs(luma[:, None] - luma) <= ALIKE_LUMA
    row = list(range(len(pieces)))
    for i, j in zip(*np.nonzero(np.triu(near, 1)), strict=True):
        a, b = _root(row, int(i)), _root(row, int(j))
        row[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = {}
    for index in range(len(row)):
        groups.setdefault(_root(row, index), []).append(index)
    return [group for group in groups.values() if len(group) >= PIECES]


def _root(row: list[int], index: int) -> int:
    while row[index] != index:
        row[index] = row[row[index]]
        index = row[index]
    return index


def _line(pieces: NDArray[Any]) -> Line | None:
    """The box of a row of pieces, if it is text."""
    import numpy as np

    high, base = float(np.median(pieces[:, 3])), pieces[:, 1] + pieces[:, 3]
    # Without commas, long letters and what else stands near; a line's margin has room for them.
    fits = (np.abs(base - np.median(base)) <= OFF_BASE * high) & (np.abs(pieces[:, 3] / high - 1) <= OFF_HEIGHT)
    count = int(np.count_nonzero(fits))
    if count < PIECES or count < MOSTLY * len(pieces):
        return None
    left, top, width, height, area, luma = pieces[fits].T
    base = top + height
    box = Line(float(left.min()), float(top.min()), float((left + width).max()), float(base.max()))
    long, filled = box.right - box.left, float(area.sum()) / ((box.right - box.left) * box.height)
    straight = float(np.abs(base - np.median(base)).mean()) / high
    differ = float(width.std() / width.mean())
    if long < LONG * box.height or not FILLED[0] <= filled <= FILLED[1] or differ < WIDTH_SPREAD:
        return None
    if float(luma.std()) > LUMA_SPREAD or straight > (BASE_SPREAD if count > PIECES else BASE_SPREAD / 2):
        return None
    return box
