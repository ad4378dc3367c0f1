"""Which part of the source picture is seen: mode, window, and the path that it follows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from contracts.media import Framing, FramingPoint

__all__ = ["FRAME_SLACK", "Window", "cover_window", "framing_mode", "framing_path", "picture_remarks"]

FRAME_SLACK = 0.002
"""Timestamps are rounded to a millisecond by some containers: a frame so little late is still the one on screen."""

WIDEST = 3.0
LARGEST_SCALE = 4.0
LEAST_FILLED = 0.2
SMOOTHING = 0.6


@dataclass(frozen=True)
class Window:
    """A part of a picture; shares of its width and height."""

    x: float
    y: float
    width: float
    height: float


def cover_window(width: float, height: float, aspect: float, center: tuple[float, float]) -> Window:
    """The largest window of `aspect` (width / height) in a picture, as near to `center` as its borders allow."""
    share_w = min(1.0, aspect * height / width)
    share_h = min(1.0, width / (aspect * height))
    return Window(
        x=min(max(center[0] - share_w / 2, 0.0), 1.0 - share_w),
        y=min(max(center[1] - share_h / 2, 0.0), 1.0 - share_h),
        width=share_w,
        height=share_h,
    )


def framing_mode(asked: str, framing: Framing | None, source_aspect: float, aspect: float) -> str:
    """`track`, `center` or `fit`.

    A picture much taller than the short is fitted: a crop would cut off heads. So is, on `auto`, one wider than 3:1: a
    crop would show a sixth of it at most.
    """
    if asked == "fit" or source_aspect < aspect * 0.6 or (asked == "auto" and source_aspect > WIDEST):
        return "fit"
    if asked == "center" or framing is None:
        return "center"
    return framing.mode


def picture_remarks(source: tuple[float, float], short: tuple[int, int], mode: str) -> tuple[str, ...]:
    """What a person should know of a source picture that is small or of an odd shape. Sizes in pixels as seen."""
    across, down = short[0] / source[0], short[1] / source[1]
    scale = min(across, down) if mode == "fit" else max(across, down)
    remarks = []
    if scale > LARGEST_SCALE:
        size = f"{source[0]:.0f}x{source[1]:.0f}"
        remarks.append(f"The source is only {size}: it is enlarged {scale:.1f} times, and looks blurred")
    filled = min(across, down) / max(across, down) if mode == "fit" else 1.0
    if filled < LEAST_FILLED:
        remarks.append(
            f"The source has another shape than the short: {100 * (1 - filled):.0f} % of the picture is background"
        )
    return tuple(remarks)


def framing_path(framing: Framing | None, start: float, frames: int, fps: float) -> list[tuple[float, float]]:
    """The centre of the crop for every frame of the short, as shares of the picture.

    Linear between the points of one shot, held before its first and after its last, eased by a moving mean (applied
    twice) that never reaches over a cut; a shot without points is centred.
    """
    if framing is None or not framing.points:
        return [(0.5, 0.5)] * frames
    times = [start + n / fps for n in range(frames)]
    cuts = sorted(framing.cuts)
    shots = [bisect_right(cuts, t + FRAME_SLACK) for t in times]
    by_shot: dict[int, list[FramingPoint]] = {}
    for point in framing.points:
        by_shot.setdefault(bisect_right(cuts, point.t + FRAME_SLACK), []).append(point)
    path: list[tuple[float, float]] = []
    first = 0
    while first < frames:
        last = bisect_right(shots, shots[first], lo=first)
        points = by_shot.get(shots[first], [])
        xs = _eased([_at(points, [p.x for p in points], t) for t in times[first:last]], fps)
        ys = _eased([_at(points, [p.y for p in points], t) for t in times[first:last]], fps)
        path.extend(zip(xs, ys, strict=True))
        first = last
    return path


def _at(points: Sequence[FramingPoint], values: Sequence[float], t: float) -> float:
    if not points:
        return 0.5
    after = bisect_right([point.t for point in points], t)
    if after == 0:
        return values[0]
    if after == len(points):
        return values[-1]
    a, b = points[after - 1], points[after]
    share = (t - a.t) / (b.t - a.t)
    return values[after - 1] + share * (values[after] - values[after - 1])


def _eased(values: list[float], fps: float) -> list[float]:
    radius = max(1, round(SMOOTHING * fps / 2))
    for _ in range(2):
        sums = [0.0, *accumulate(values)]
        count = len(values)
        eased = []
        for n in range(count):
            reach = min(radius, n, count - 1 - n)  # symmetric, so that a steady pan keeps its pace up to the cut
            eased.append((sums[n + reach + 1] - sums[n - reach]) / (2 * reach + 1))
        values = eased
    return values
