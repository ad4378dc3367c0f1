"""The path of a crop within one shot, as a calm camera operator would lead it.

Small movements of the target move nothing, a target that jumps must be seen three times before the camera goes there,
and the camera turns round no more than TURNS times a second: where it would, it follows less closely, until it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.people.tracks import NEAR, PATIENCE, Sighting
from contracts.sight import FramingPoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EDGE", "GRID", "TURNS", "follow", "turns_of"]

GRID = 0.25
"""Seconds between two positions before the path is thinned."""
TURNS = 0.13
"""How often a second the camera may turn round."""
DEAD_ZONE = 0.05
"""Share of the picture that the target may wander without moving the camera."""
WIDER = 1.25
"""Factor by which the dead zone grows while the camera turns round too often."""
GLIDES = (0.6, 0.4, 0.25)
"""Standard deviations, in seconds, of the Gaussian that smooths the path; the first that keeps the target in sight."""
OUTSIDE = 0.02
"""Share of the sightings that may be farther from the path than they should."""
THIN = 0.006
"""Share of the picture by which the thinned path may differ."""
FORGETS = 1.0
"""Seconds without a detection after which the camera waits where it is."""
STEP = (2 * NEAR, 4 * NEAR)
"""Shares of width and height that a new target may go from one detection to the next; height is hardly ever cropped."""
EDGE = 0.001
"""Seconds before a cut at which the path of a shot ends."""


def follow(
    start: float, end: float, found: Sequence[Sighting], *, half: float, room: float, turns: int
) -> tuple[list[FramingPoint], int]:
    """The path from `start` to `end`, in seconds, and how many of the sightings between are out of its room.

    `half`: half of the crop's width, so near to the borders its middle never goes. `room`: how far from the middle the
    target may be. `turns`: how often the camera may turn round; -1: it stands. Without sightings, the middle.
    """
    import numpy as np

    last = max(start, end - EDGE)
    times = np.unique(np.append(np.arange(start, last, GRID), last))
    if not found:
        return _points(times[[0, -1]], np.full((2, 2), 0.5)), 0
    aims = _patient(found)
    held = np.column_stack([_held(times, found, aims[:, axis]) for axis in (0, 1)])
    held[:, 0] = np.clip(held[:, 0], half, 1 - half)
    seen = np.array([(s.t, min(max(s.x, half), 1 - half)) for s in found if start <= s.t < end]).reshape(-1, 2)
    best: tuple[int, NDArray[Any]] | None = None
    for glide in GLIDES:
        path = np.column_stack([_calm(held[:, axis], glide, min(DEAD_ZONE, room), turns) for axis in (0, 1)])
        lost = int((np.abs(np.interp(seen[:, 0], times, path[:, 0]) - seen[:, 1]) > room).sum())
        if best is None or lost < best[0]:
            best = lost, path
        if lost <= OUTSIDE * len(seen):
            break
    lost, path = best or (0, held)
    kept = _thinned(times, path)
    return _points(times[kept], path[kept]), lost


def turns_of(values: Sequence[float]) -> int:
    """How often a sequence of positions turns round."""
    steps = [b - a for a, b in pairwise(values) if b != a]
    return sum((a > 0) != (b > 0) for a, b in pairwise(steps))


def _calm(values: NDArray[Any], glide: float, zone: float, turns: int) -> NDArray[Any]:
    """One coordinate of the path: as close to its target as `turns` allow. A wide enough zone moves nothing at all."""
    import numpy as np

    while True:
        path: NDArray[Any] = _glide(_dead(values, zone), glide).round(4)
        if turns_of(path.tolist()) <= turns or not np.ptp(path):
            return path
        zone *= WIDER


def _patient(found: Sequence[Sighting]) -> NDArray[Any]:
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


def _held(times: NDArray[Any], found: Sequence[Sighting], aims: NDArray[Any]) -> NDArray[Any]:
    """One coordinate of the target at `times`: linear between sightings; after a long gap, the last one."""
    import numpy as np

    known: list[tuple[float, float]] = []
    for sighting, value in zip(found, aims, strict=True):
        if known and sighting.t - known[-1][0] > FORGETS:
            known.append((sighting.t - FORGETS, known[-1][1]))
        known.append((sighting.t, float(value)))
    values: NDArray[Any] = np.interp(times, [t for t, _ in known], [value for _, value in known])
    return values


def _dead(values: NDArray[Any], zone: float) -> NDArray[Any]:
    """Small movements taken out. Forwards and backwards, because one way alone trails behind a steady movement."""
    both: NDArray[Any] = (_one_way(values, zone) + _one_way(values[::-1], zone)[::-1]) / 2
    return both


def _one_way(values: NDArray[Any], zone: float) -> NDArray[Any]:
    """Moves only when the target leaves the dead zone, and then only as far as its edge.

    This is the play operator: no other path that stays as near to the target moves less, or turns round less often.
    """
    import numpy as np

    leaves = np.abs(values - values[0]) > 2 * zone
    held, out = float(np.median(values[: int(leaves.argmax()) if leaves.any() else None])), []
    for value in values:
        held = min(max(held, float(value) - zone), float(value) + zone)
        out.append(held)
    return np.array(out)


def _glide(values: NDArray[Any], deviation: float) -> NDArray[Any]:
    """Gaussian smoothing without lag, which adds no turns; a few seconds are held on both sides of the shot."""
    import numpy as np

    reach = round(3 * deviation / GRID)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * GRID / deviation) ** 2)
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
