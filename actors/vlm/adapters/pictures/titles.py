"""Titles in one gray picture: writing so large and heavy that its letters are no strokes, and often touch.

What `letters` looks for, pieces in a row, is not there. But it is all of one tone, white or black, with a sharp edge;
and nearly every row of it goes in and out of letters several times, over ways that differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.pictures.letters import Line

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["titles_of"]

WHITE, BLACK = 210, 24
"""Luma (0 to 255) from which ink is white, up to which it is black."""
BLUR = 56
"""Luma steps beside these in which few pixels lie: letters do not fade out."""
BLURRED = 0.2
"""Share of the box that these are at most."""
INK = (0.01, 0.3)
"""Share of the picture that ink covers."""
WIDTHS, HEIGHTS = (0.25, 0.98), (0.08, 0.7)
"""Shares of the picture that a title is wide and high."""
FILLED = (0.25, 0.85)
"""Share of its box that ink fills."""
WAYS, READS = 4, 0.6
"""How often a row goes into ink, and the share of the rows that do so."""
DIFFER = 0.35
"""By how much the middle half of the ways through ink differ, as a share of the median; of fences they are equal."""
JOIN = (11, 3)
"""Pixels (of half the picture) across and down between two letters or words."""


def titles_of(gray: NDArray[Any]) -> list[Line]:
    """Their boxes in a picture (uint8 of shape (height, width)), the lines of a title as one."""
    import cv2

    height, width = gray.shape
    small = cv2.resize(gray, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    # Black is white in the negative.
    return [*_white(small, WHITE), *_white(255 - small, 255 - BLACK)]


def _white(small: NDArray[Any], least: int) -> list[Line]:
    import cv2
    import numpy as np

    ink = (small >= least).astype(np.uint8)
    if not INK[0] <= float(ink.mean()) <= INK[1]:
        return []
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones(JOIN[::-1])))
    rows, columns = small.shape
    found = []
    for left, top, width, height, _ in stats[1:].tolist():
        if WIDTHS[0] <= width / columns <= WIDTHS[1] and HEIGHTS[0] <= height / rows <= HEIGHTS[1]:
            box = np.s_[top : top + height, left : left + width]
            blurred = float(((small[box] < least) & (small[box] >= least - BLUR)).mean())
            if blurred <= BLURRED and _is_written(ink[box]):
                found.append(Line(2 * left, 2 * top, 2 * (left + width), 2 * (top + height)))
    return found


def _is_written(ink: NDArray[Any]) -> bool:
    import numpy as np

    steps = np.diff(np.pad(ink, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    ways = np.flatnonzero(steps.ravel() < 0) - np.flatnonzero(steps.ravel() > 0)
    reads = float((np.count_nonzero(steps > 0, axis=1) >= WAYS).mean())
    short, usual, long = np.percentile(ways, (25, 50, 75)).tolist()
    return FILLED[0] <= float(ink.mean()) <= FILLED[1] and reads >= READS and long - short >= DIFFER * usual
