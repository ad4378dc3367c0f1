"""The path that a tall crop follows through a wide picture, as a calm camera operator would lead it.

Faces first, else what moves, else the middle. A new target must be seen three times before the camera goes there, small
movements of the target move nothing, and between cuts the camera glides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.motion import Motion
from actors.vlm.adapters.tracks import NEAR, PATIENCE, Faces, Sighting, face_track, motion_track
from contracts.sight import Framing, FramingPoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["lead"]

GRID = 0.25
"""Seconds between two positions before the path is thinned."""
DEAD_ZONE = 0.05
"""Share of the picture that the target may wander without moving the camera."""
GLIDE = 0.6
"""Standard deviation, in seconds, of the Gaussian that smooths the path within a shot."""
THIN = 0.006
"""Share of the picture by which the thinned path may differ."""
FORGETS = 1.0
"""Seconds without a detection after which the camera waits where it is."""
STEP = (2 * NEAR, 4 * NEAR)
"""Shares of width and height that a new target may go from one detection to the next; height is hardly ever cropped."""
EDGE = 0.001
"""Seconds before a cut at which the path of a shot ends."""


def lead(spans: Sequence[tuple[float, float]], faces: Faces, motion: Sequence[Motion]) -> Framing:
    """The path over the shots `spans` (start, end in seconds); `center` where there was nothing to follow."""
    points: list[FramingPoint] = []
    followed = False
    for start, end in spans:
        found = _targets(start, end, faces, motion)
        followed = followed or bool(found)
        points += _shot(start, end, found)
    if not followed:
        return Framing(mode="center")
    return Framing(mode="track", points=tuple(points), cuts=tuple(start for start, _ in spans[1:]))


def _targets(start: float, end: float, faces: Faces, motion: Sequence[Motion]) -> list[Sighting]:
    """Where to look in this shot: its lasting face, else its motion."""
    moving = motion_track([m for m in motion if start <= m.since and m.t < end])
    return face_track([(t, boxes) for t, boxes in faces if start <= t < end], moving) or moving


def _shot(start: float, end: float, found: list[Sighting]) -> list[FramingPoint]:
    """The path in one shot, from its first instant to its last."""
    import numpy as np

    last = max(start, end - EDGE)
    times = np.unique(np.append(np.arange(start, last, GRID), last))
    if not found:
        return _points(times[[0, -1]], np.full((2, 2), 0.5))
    aims = _patient(found)
    path = np.column_stack([_glide(_dead(_held(times, found, aims[:, axis]))) for axis in (0, 1)])
    kept = _thinned(times, path)
    return _points(times[kept], path[kept])


def _patient(found: list[Sighting]) -> NDArray[Any]:
    """The target at each sighting: one far from it counts only when it is the third in a row on one way."""
    import numpy as np

    seen = np.array([(s.x, s.y) for s in found])
    aim = _first(seen)
    aims: list[NDArray[Any]] = []
    waiting: list[NDArray[Any]] = []
    for here in seen:
        if np.abs(here - aim).max() <= NEAR:
            aim, waiting = here, []
        else:
            waiting = [*waiting, here] if waiting and (np.abs(waiting[-1] - here) <= STEP).all() else [here]
            if len(waiting) >= PATIENCE:
                # Known only now, but the camera may have gone with it from the start: the path is made afterwards.
                aims[1 - PATIENCE :] = waiting[:-1]
                aim, waiting = here, []
        aims.append(aim)
    return _calmed(np.array([s.t for s in found]), np.array(aims))


def _calmed(times: NDArray[Any], aims: NDArray[Any]) -> NDArray[Any]:
    """The mean with both neighbours, if they are near in time: takes out what the detectors tremble, without a lag."""
    import numpy as np

    close = 0.25 * (np.diff(times) <= FORGETS)[:, None]
    step = close * np.diff(aims, axis=0)
    out = aims.astype(float)
    out[:-1] += step
    out[1:] -= step
    return out


def _first(seen: NDArray[Any]) -> NDArray[Any]:
    """Where the target is at first: where most of the first sightings are, unless they lead away from the first one."""
    import numpy as np

    steps = np.diff(seen[:PATIENCE, 0])
    leads = len(steps) == PATIENCE - 1 and (np.all(steps > 0) or np.all(steps < 0)) and np.abs(steps).max() <= 2 * NEAR
    first: NDArray[Any] = seen[0] if leads else np.median(seen[: 2 * PATIENCE - 1], axis=0)
    return first


def _held(times: NDArray[Any], found: list[Sighting], aims: NDArray[Any]) -> NDArray[Any]:
    """One coordinate of the target at `times`: linear between sightings; after a long gap, the last one."""
    import numpy as np

    known: list[tuple[float, float]] = []
    for sighting, value in zip(found, aims, strict=True):
        if known and sighting.t - known[-1][0] > FORGETS:
            known.append((sighting.t - FORGETS, known[-1][1]))
        known.append((sighting.t, float(value)))
    values: NDArray[Any] = np.interp(times, [t for t, _ in known], [value for _, value in known])
    return values


def _dead(values: NDArray[Any]) -> NDArray[Any]:
    """Small movements taken out. Forwards and backwards, because one way alone trails behind a steady movement."""
    both: NDArray[Any] = (_one_way(values) + _one_way(values[::-1])[::-1]) / 2
    return both


def _one_way(values: NDArray[Any]) -> NDArray[Any]:
    """Moves only when the target leaves the dead zone, and then only as far as its edge."""
    import numpy as np

    held, out = float(values[0]), []
    for value in values:
        held = min(max(held, float(value) - DEAD_ZONE), float(value) + DEAD_ZONE)
        out.append(held)
    return np.array(out)


def _glide(values: NDArray[Any]) -> NDArray[Any]:
    """Gaussian smoothing without lag; a few seconds are held on both sides of the shot."""
    import numpy as np

    reach = round(3 * GLIDE / GRID)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * GRID / GLIDE) ** 2)
    return np.convolve(np.pad(values, reach, mode="edge"), kernel / kernel.sum(), mode="valid")


def _thinned(times: NDArray[Any], path: NDArray[Any]) -> list[int]:
    """Ramer, Douglas and Peucker's thinning in both axes: the points that must stay."""
    import numpy as np

    keep, todo = {0, len(times) - 1}, [(0, len(times) - 1)]
    while todo:
        a, b = todo.pop()
        if b - a < 2:
            continue
        share = ((times[a + 1 : b] - times[a]) / (times[b] - times[a]))[:, None]
        off = np.abs(path[a + 1 : b] - (path[a] + share * (path[b] - path[a]))).max(axis=1)
        worst = int(off.argmax())
        if off[worst] > THIN:
            middle = a + 1 + worst
            keep.add(middle)
            todo += [(a, middle), (middle, b)]
    return sorted(keep)


def _points(times: NDArray[Any], path: NDArray[Any]) -> list[FramingPoint]:
    import numpy as np

    inside = np.clip(path, 0.0, 1.0)
    return [
        FramingPoint(t=round(float(t), 3), x=round(float(x), 4), y=round(float(y), 4))
        for t, (x, y) in zip(times, inside, strict=True)
    ]
