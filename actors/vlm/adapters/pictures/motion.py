"""How much of the picture moves, and where: what moves by itself, the camera's own motion taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.pictures.picture import Picture

__all__ = ["Motion", "MotionMeter"]

MOTION_GAP = 0.18
"""Seconds between two pictures that motion is measured between."""
STILL_PIXELS = 0.3
"""Pixels (of SIDE) between two pictures that leaves and noise move."""
BACKGROUND = 0.15
"""Share of the picture with texture from which the camera's own motion can be told from a subject's."""
PARALLAX = 0.6
"""Share of the camera's own motion by which near and far ground may differ from it."""
BRISK = 4.0
"""Pixels (of SIDE) a second from which a moving thing counts in full: it crosses the picture in half a minute."""
DENSE = 5.0
"""Mean luma change over WINDOW, a fifteenth of the picture's side: a subject moves in one piece, grass and water do
not."""
WINDOW = (9, 9)
"""Pixels (of SIDE)."""
COARSE = 0.625
"""Times SIDE at which the flow is measured: in less than half the time, with the same subjects."""


@dataclass(frozen=True)
class Motion:
    """What moved between `since` and `t`: mean luma change (0 to 255), and where, as shares of the picture."""

    since: float
    t: float
    amount: float
    x: float
    y: float
    mass: float


class MotionMeter:
    """One `Motion` for every MOTION_GAP."""

    def __init__(self) -> None:
        self._found: list[Motion] = []
        self._before: tuple[float, NDArray[Any]] | None = None

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        import cv2

        if self._before is None:
            self._before = (picture.t, cv2.blur(picture.luma, (3, 3)))
        elif picture.t - self._before[0] >= MOTION_GAP:
            now = cv2.blur(picture.luma, (3, 3))
            self._found.append(_moved(self._before[0], picture.t, self._before[1], now))
            self._before = (picture.t, now)

    def finish(self) -> list[Motion]:
        """In order of time."""
        return self._found


def _moved(since: float, t: float, before: NDArray[Any], now: NDArray[Any]) -> Motion:
    """Where something moves by itself: the densest window of a third of the picture, and the centre of mass in it.

    What moves as the camera does (the median flow of all that has texture) or hardly at all (leaves, noise) is no
    subject. Flow after Farneback, Two-Frame Motion Estimation Based on Polynomial Expansion, 2003.
    """
    import cv2
    import numpy as np

    difference = cv2.absdiff(before, now)
    amount = cv2.mean(difference)[0]
    mass = np.maximum(difference - np.float32(max(8.0, 2 * float(np.median(difference)))), 0)
    if float(cv2.blur(mass, WINDOW).max()) < DENSE:  # nor would less of it be dense: no flow is needed
        mass[:] = 0
    else:
        mass *= np.clip(_own_speed(before, now) / (t - since) / BRISK, 0, 1)
        mass[cv2.blur(mass, WINDOW) < DENSE] = 0
        rim = max(1, min(mass.shape) // 20)  # where a moving camera uncovers what was not there before
        mass[:rim], mass[-rim:], mass[:, :rim], mass[:, -rim:] = 0, 0, 0, 0
    total = float(mass.sum())
    if total <= 0:
        return Motion(since, t, amount, 0.5, 0.5, 0.0)
    x = _centre(mass.sum(axis=0))
    columns = np.arange(mass.shape[1]) / mass.shape[1]
    y = _centre(mass[:, np.abs(columns - x) < 0.2].sum(axis=1))
    return Motion(since, t, amount, x, y, total / mass.size)


def _own_speed(before: NDArray[Any], now: NDArray[Any]) -> NDArray[Any]:
    """Pixels that every point moved besides the camera."""
    import cv2
    import numpy as np

    flow = cv2.resize(_flow(before, now), before.shape[::-1]) / np.float32(COARSE)
    texture = cv2.magnitude(cv2.Sobel(before, cv2.CV_32F, 1, 0), cv2.Sobel(before, cv2.CV_32F, 0, 1)) > 24
    least = STILL_PIXELS
    if texture.mean() > BACKGROUND:
        camera = np.median(flow[texture], axis=0)
        flow = flow - camera.astype(np.float32)
        least += PARALLAX * float(np.hypot(*camera))
    speed: NDArray[Any] = np.maximum(cv2.magnitude(*cv2.split(flow)) - np.float32(least), 0)
    return speed


def _flow(before: NDArray[Any], now: NDArray[Any]) -> NDArray[Any]:
    """Pixels of pictures COARSE times as large, across and down."""
    import cv2
    import numpy as np

    size = [max(2, round(COARSE * side)) for side in before.shape[::-1]]
    one, other = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (before, now))
    return cv2.calcOpticalFlowFarneback(one, other, np.zeros((*one.shape, 2), np.float32), 0.5, 3, 7, 2, 5, 1.1, 0)


def _centre(profile: NDArray[Any]) -> float:
    """Centre of mass of the densest third of a profile, as a share of its length."""
    import numpy as np

    width = max(1, profile.size // 3)
    sums = np.convolve(profile, np.ones(width, dtype=profile.dtype), mode="valid")
    first = int(sums.argmax())
    window = profile[first : first + width]
    weight = float(window.sum())
    if weight <= 0:
        return 0.5
    return float((np.arange(first, first + width) + 0.5) @ window) / weight / profile.size
