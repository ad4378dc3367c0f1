"""Recordings of a screen: large areas of a few plain colours, sharp edges along the axes or a page that is full of
letters, hardly any change, no noise.

Drawn films and slides behind somebody have much of that as well. The former shade their areas; and the picture of a
camera in a recording is small, so that where a face is large, it is a talk.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.people.faces import Faces
from actors.vlm.adapters.pictures.looks import LOOK, Pace
from contracts.media import Stretch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.pictures.picture import Picture

__all__ = ["ScreenFinder", "recordings"]

EVERY = 1.0
"""Seconds between two looks."""
EVEN = 0.5
"""Share of the picture that must have no gradient at all."""
BLACK = 8
"""Luma (0 to 255) up to which a pixel is no part of the picture."""
NO_GRADIENT = 6
"""Sum of the absolute derivatives (Sobel, 0 to 2040) up to which a pixel is as its neighbours."""
LUMAS, PLAIN = 16, 0.6
"""Of that many lumas must be this share of what has no gradient: windows are filled with one colour, skies are not."""
FEW, FLAT = 4, 0.8
"""So few lumas are this share in a page or an editor. Its letters run along no axis, but are twice as many edges; and
it fills the picture: somebody on a dark stage does not."""
SHARP = 200
"""The same sum from which a pixel is on an edge that a lens would not make in a small picture."""
EDGES = 0.015
"""Share of the picture that must be such edges: letters, borders."""
ALONG = 0.5
"""Share of these that must run along an axis, within a seventh of a right angle."""
STILL = 0.8
"""Share of the picture that must be exactly as it was, in half of the looks."""
SAME = 3
"""Luma difference (0 to 255) up to which a pixel is as it was."""
LEAST = 3.0
"""Seconds that a recording lasts at least."""
LARGE = 0.03
"""Share of the picture from which a face is in no small camera picture: a quarter of the height, in 16:9."""


@dataclass(frozen=True)
class _Look:
    t: float
    screen: bool
    still: bool


class ScreenFinder:
    """Judges a picture a second by itself, and against the one before."""

    def __init__(self) -> None:
        self._pace = Pace(EVERY)
        self._looks: list[_Look] = []
        self._before: NDArray[Any] | None = None
        self._end = 0.0

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        self._end = picture.t
        if self._pace.due(picture.t):
            gray = picture.gray(LOOK)
            self._looks.append(_Look(picture.t, _is_screen(gray), _is_still(self._before, gray)))
            self._before = gray

    def finish(self) -> list[Stretch]:
        """In order of time. Each ends with the last look that was as the one before."""
        out: list[Stretch] = []
        run: list[_Look] = []
        for look in [*self._looks, _Look(self._end, screen=False, still=False)]:
            if look.screen:
                run.append(look)
            elif run:
                out += self._judged(run)
                run = []
        return out

    def _judged(self, run: list[_Look]) -> list[Stretch]:
        stills = [index for index, look in enumerate(run) if look.still]
        if 2 * len(stills) < len(run):
            return []
        start = run[max(0, stills[0] - 1)].t  # what the first still one is like
        end = min(self._end, run[stills[-1]].t + EVERY)
        return [Stretch(start=round(start, 3), end=round(end, 3))] if end - start >= min(LEAST, self._end) else []


def recordings(found: Sequence[Stretch], shots: Sequence[tuple[float, float]], faces: Faces) -> tuple[Stretch, ...]:
    """What is left of the spans without the shots, or parts of them, in which a face is large whenever one is seen."""
    out: list[Stretch] = []
    for span in found:
        parts = [(max(start, span.start), min(end, span.end)) for start, end in shots]
        since = span.start
        for start, end in [
            *(part for part in parts if part[0] < part[1] and _talk(faces, *part)),
            (span.end, span.end),
        ]:
            if start - since >= min(LEAST, span.end - span.start):
                out.append(Stretch(start=since, end=start))
            since = end
    return tuple(out)


def _talk(faces: Faces, start: float, end: float) -> bool:
    looks = faces[bisect_left(faces, start, key=_time) : bisect_left(faces, end, key=_time)]
    largest = [max(face.w * face.h for face in seen) for _, seen in looks if seen]
    return 2 * len(largest) > len(looks) and median(largest) > LARGE


def _time(look: tuple[float, object]) -> float:
    return look[0]


def _is_screen(gray: NDArray[Any]) -> bool:
    import cv2
    import numpy as np

    across = np.abs(cv2.Sobel(gray, cv2.CV_16S, 1, 0))
    down = np.abs(cv2.Sobel(gray, cv2.CV_16S, 0, 1))
    both = across + down
    edges = both > SHARP
    count = int(np.count_nonzero(edges))
    lit = gray > BLACK  # bars are even, too
    shown = int(np.count_nonzero(lit))
    even = gray[(both <= NO_GRADIENT) & lit]
    if even.size < EVEN * shown or count < max(1, EDGES * shown):  # all of it may be black
        return False
    lumas = np.sort(np.bincount(even, minlength=256))[::-1]
    if lumas[:LUMAS].sum() < PLAIN * even.size:
        return False
    if lumas[:FEW].sum() >= FLAT * even.size and count >= 2 * EDGES * shown and 2 * shown >= gray.size:
        return True
    along = np.count_nonzero(edges & (np.minimum(across, down) * 4 < np.maximum(across, down)))
    return bool(along >= ALONG * count)


def _is_still(before: NDArray[Any] | None, gray: NDArray[Any]) -> bool:
    import cv2
    import numpy as np

    if before is None or before.shape != gray.shape:
        return False
    return bool(np.count_nonzero(cv2.absdiff(before, gray) <= SAME) >= STILL * gray.size)
