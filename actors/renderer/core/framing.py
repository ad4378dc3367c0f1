"""Which part of the source picture is seen: mode, window, and the path that it follows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from contracts.sight import Framing, FramingMode, FramingPoint

__all__ = [
    "FRAME_SLACK",
    "Aim",
    "Panel",
    "View",
    "Window",
    "aims",
    "cover_window",
    "framing_mode",
    "framing_path",
    "framing_within",
    "panels",
    "picture_remarks",
]

FRAME_SLACK = 0.002
"""Timestamps are rounded to a millisecond by some containers: a frame so little late is still the one on screen."""

WIDEST = 3.0
TALLEST = 0.6
"""Share of the canvas's aspect below which a source is fitted: a crop would cut off heads."""
CLOSEST = 2.0
SPEAKER_ZOOM = 2.2
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


Point = tuple[float, float]


@dataclass(frozen=True)
class View:
    """What a look does to the camera: magnification from 1 up, and a shift in shares of the window seen."""

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Aim:
    """How one picture is shown: mode, centre of interest, and that of the second panel of `split` and `screen`."""

    mode: FramingMode
    center: Point = (0.5, 0.5)
    second: Point = (0.5, 0.5)


@dataclass(frozen=True)
class Panel:
    """A part of the canvas, in pixels, and what of the source fills it. `fit`: all of it, over a blurred ground."""

    x: int
    y: int
    width: int
    height: int
    fit: bool
    center: Point = (0.5, 0.5)
    zoom: float = 1.0


def cover_window(width: float, height: float, aspect: float, center: Point, zoom: float = 1.0) -> Window:
    """The largest window of `aspect` (width / height) in a picture, as near to `center` as its borders allow.

    `zoom`: so many times smaller.
    """
    share_w = min(1.0, aspect * height / width) / zoom
    share_h = min(1.0, width / (aspect * height)) / zoom
    return Window(
        x=min(max(center[0] - share_w / 2, 0.0), 1.0 - share_w),
        y=min(max(center[1] - share_h / 2, 0.0), 1.0 - share_h),
        width=share_w,
        height=share_h,
    )


def panels(aim: Aim, source_aspect: float, width: int, height: int) -> tuple[Panel, ...]:
    """The parts of a canvas of `width` x `height` pixels, for a source of `source_aspect`."""
    aspect = width / height
    if aim.mode == "split":
        halves = _halves(width, height)
        zoom = _portrait_zoom(aim, source_aspect, halves[0][2] / halves[0][3])
        return tuple(
            Panel(*place, fit=False, center=center, zoom=zoom)
            for place, center in zip(halves, (aim.center, aim.second), strict=True)
        )
    if aim.mode == "screen":
        whole, speaker = _halves(width, height)
        return Panel(*whole, fit=True), Panel(*speaker, fit=False, center=aim.second, zoom=SPEAKER_ZOOM)
    fit = aim.mode == "fit" or source_aspect < aspect * TALLEST
    return (Panel(0, 0, width, height, fit, aim.center if aim.mode == "track" else (0.5, 0.5)),)


def _halves(width: int, height: int) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
    """Two halves of a canvas, one above the other, or side by side on a wide one; all numbers even."""
    if height >= width:
        upper = height // 4 * 2
        return (0, 0, width, upper), (0, upper, width, height - upper)
    left = width // 4 * 2
    return (0, 0, left, height), (left, 0, width - left, height)


def _portrait_zoom(aim: Aim, source_aspect: float, aspect: float) -> float:
    """So close that each of two people is seen without the other, where that takes no more than `CLOSEST`."""
    share = min(1.0, aspect / source_aspect)
    apart = max(0.2, abs(aim.center[0] - aim.second[0]))
    return min(CLOSEST, max(1.0, share / apart))


def framing_mode(asked: str, framing: Framing | None, source_aspect: float) -> FramingMode:
    """What a recipe wishes, as a mode. On `auto`, a picture wider than 3:1 is fitted: a crop shows little of it."""
    if asked == "fit" or (asked == "auto" and source_aspect > WIDEST):
        return "fit"
    if asked == "center" or framing is None:
        return "center"
    return framing.mode


def picture_remarks(source: tuple[float, float], short: tuple[int, int], *, fit: bool) -> tuple[str, ...]:
    """What a person should know of a source picture that is small or of an odd shape. Sizes in pixels as seen."""
    across, down = short[0] / source[0], short[1] / source[1]
    scale = min(across, down) if fit else max(across, down)
    remarks = []
    if scale > LARGEST_SCALE:
        size = f"{source[0]:.0f}x{source[1]:.0f}"
        remarks.append(f"The source is only {size}: it is enlarged {scale:.1f} times, and looks blurred")
    filled = min(across, down) / max(across, down) if fit else 1.0
    if filled < LEAST_FILLED:
        remarks.append(
            f"The source has another shape than the short: {100 * (1 - filled):.0f} % of the picture is background"
        )
    return tuple(remarks)


def aims(framing: Framing, start: float, frames: int, step: float, fps: float) -> list[Aim]:
    """How each of `frames` pictures is shown, the first at second `start` of the source, each `step` s further."""
    path = framing_path(framing, start, frames, fps, step)
    second = framing_path(framing.model_copy(update={"points": framing.second}), start, frames, fps, step)
    return [
        Aim(_mode_at(framing, start + n * step), center, other)
        for n, (center, other) in enumerate(zip(path, second, strict=True))
    ]


def _mode_at(framing: Framing, t: float) -> FramingMode:
    for section in framing.sections:
        if section.start <= t + FRAME_SLACK < section.end:
            return section.mode
    return framing.mode


def framing_within(framing: Framing, start: float, end: float) -> Framing:
    """What matters of a path in a span: its points there, and the nearest ones around."""

    def near(points: tuple[FramingPoint, ...]) -> tuple[FramingPoint, ...]:
        times = [point.t for point in points]
        return points[max(0, bisect_right(times, start) - 1) : bisect_right(times, end) + 1]

    return framing.model_copy(
        update={
            "points": near(framing.points),
            "second": near(framing.second),
            "cuts": tuple(cut for cut in framing.cuts if start - 60 <= cut <= end + 60),
            "sections": tuple(each for each in framing.sections if each.end > start and each.start < end),
        }
    )


def framing_path(
    framing: Framing | None, start: float, frames: int, fps: float, step: float | None = None
) -> list[Point]:
    """The centre of the crop for every frame of the short, as shares of the picture.

    Linear between the points of one shot, held before its first and after its last, eased by a moving mean (applied
    twice) that never reaches over a cut; a shot without points is centred. `step`: seconds of the source from one
    frame to the next, 1 / fps where absent.
    """
    if framing is None or not framing.points:
        return [(0.5, 0.5)] * frames
    times = [start + n * (step or 1 / fps) for n in range(frames)]
    cuts = sorted({*framing.cuts, *(border for each in framing.sections for border in (each.start, each.end))})
    shots = [bisect_right(cuts, t + FRAME_SLACK) for t in times]
    by_shot: dict[int, list[FramingPoint]] = {}
    for point in framing.points:
        by_shot.setdefault(bisect_right(cuts, point.t + FRAME_SLACK), []).append(point)
    path: list[Point] = []
    first = 0
    while first < frames:
        last = bisect_right(shots, shots[first], lo=first)
        points = by_shot.get(shots[first], [])
        known, x, y = [p.t for p in points], [p.x for p in points], [p.y for p in points]
        xs = _eased([_at(known, x, t) for t in times[first:last]], fps)
        ys = _eased([_at(known, y, t) for t in times[first:last]], fps)
        path.extend(zip(xs, ys, strict=True))
        first = last
    return path


def _at(times: Sequence[float], values: Sequence[float], t: float) -> float:
    if not times:
        return 0.5
    after = bisect_right(times, t)
    if after == 0:
        return values[0]
    if after == len(times):
        return values[-1]
    share = (t - times[after - 1]) / (times[after] - times[after - 1])
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
