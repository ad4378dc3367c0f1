"""Where captions stand: clear of faces and texts that the analysis saw, and calm. Pure.

Places are shares of the canvas from its top left corner; times are frames of the timeline.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from actors.renderer.core.framing import Aim, Panel, aims, cover_window, panels
from actors.renderer.core.safe import SafeArea
from actors.renderer.core.schedule import Cut, Schedule
from contracts.sight import Area
from contracts.timeline import Timeline, TitleOverlay

__all__ = ["Block", "Spot", "centers", "seen", "spots"]

EVERY_S = 0.4
"""Seconds between two looks at where the camera is."""
SLOTS = (0.0, -0.07, 0.06, -0.15, -0.24, -0.36, -0.48)
"""Places that a page may take, from the preferred one on: shares of the height, below zero is higher."""
HIDING, DISTANCE, CHANGE = 8.0, 1.0, 0.9
"""What it costs to hide all of something for as long as a page is seen; to stand the whole picture's height away from
the preferred place; and to stand elsewhere than the page right before."""
APART_S = 1.2
"""After so long without captions, a change of place is not noticed."""
WEIGHTS = {"face": 1.0, "text": 0.8}


@dataclass(frozen=True)
class Spot:
    """Something on the canvas that is not to be hidden, on frames `first` to `last` (exclusive)."""

    kind: str
    first: int
    last: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Block:
    """A page of captions, as large as it is, on frames `first` to `last` (exclusive)."""

    first: int
    last: int
    width: float
    height: float


def seen(
    area: Area, panel: Panel, source_aspect: float, size: tuple[int, int]
) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of an area of the source in a panel of a canvas of `size`; None: not seen there."""
    width, height = size
    aspect = panel.width / panel.height
    if panel.fit:
        # All of it is seen: the window is as much larger than the picture as the ground around it.
        w, h = max(1.0, aspect / source_aspect), max(1.0, source_aspect / aspect)
        x, y = (1 - w) / 2, (1 - h) / 2
    else:
        window = cover_window(source_aspect, 1.0, aspect, panel.center, panel.zoom)
        x, y, w, h = window.x, window.y, window.width, window.height
    left, right = (area.x - x) / w, (area.x + area.width - x) / w
    top, bottom = (area.y - y) / h, (area.y + area.height - y) / h
    left, top, right, bottom = max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0)
    if left >= right or top >= bottom:
        return None
    across, down = panel.width / width, panel.height / height
    begin_x, begin_y = panel.x / width, panel.y / height
    return begin_x + left * across, begin_y + top * down, begin_x + right * across, begin_y + bottom * down


def spots(
    timeline: Timeline, schedule: Schedule, size: tuple[int, int], aspects: Mapping[str, float]
) -> tuple[Spot, ...]:
    """Everything that captions leave free: what was seen in the sources, through the camera, and titles.

    `aspects`: width by height of each source as it is seen; what is not known of one is left out.
    """
    found: list[Spot] = []
    for cut in schedule.cuts:
        segment = timeline.segments[cut.index]
        aspect = aspects.get(segment.source)
        if segment.areas and aspect:
            mirrored = sum(look.name == "mirror" for look in segment.looks) % 2 == 1
            path = aims(segment.framing, cut.start, cut.frames, cut.step, schedule.fps)
            for area in segment.areas:
                found += _in_cut(area, cut, path, aspect, size, mirrored=mirrored, fps=schedule.fps)
    for overlay in timeline.overlays:
        if isinstance(overlay, TitleOverlay):
            last = schedule.frames if overlay.end is None else round(overlay.end * schedule.fps)
            found.append(
                Spot("text", round(overlay.start * schedule.fps), last, 0.1, overlay.y - 0.08, 0.9, overlay.y + 0.08)
            )
    return tuple(found)


def _in_cut(
    area: Area, cut: Cut, path: Sequence[Aim], aspect: float, size: tuple[int, int], *, mirrored: bool, fps: int
) -> Iterator[Spot]:
    first = max(0, int((area.start - cut.start) / cut.step))
    last = min(cut.frames, int((area.end - cut.start) / cut.step) + 1)
    step = max(1, round(EVERY_S * fps))
    for begin in range(first, last, step):
        end = min(begin + step, last)
        for panel in panels(path[begin], aspect, *size):
            place = seen(area, panel, aspect, size)
            if place is not None:
                left, top, right, bottom = place
                if mirrored:
                    left, right = 1 - right, 1 - left
                yield Spot(area.kind, cut.first + begin, cut.first + end, left, top, right, bottom)


def centers(
    blocks: Sequence[Block], found: Sequence[Spot], safe: SafeArea, anchor: float, fps: float
) -> tuple[float, ...]:
    """The middle of every page, as a share of the height: the cheapest way through all pages (Viterbi).

    Pages keep the preferred place `anchor` and the place of the page before unless too much is hidden there.
    """
    if not blocks:
        return ()
    slots = [_slots(block, safe, anchor) for block in blocks]
    ordered = sorted(found, key=lambda spot: spot.first)
    firsts = [spot.first for spot in ordered]
    longest = max((spot.last - spot.first for spot in ordered), default=0)
    costs: list[list[float]] = []
    origins: list[list[int]] = []
    for number, block in enumerate(blocks):
        near = ordered[bisect_left(firsts, block.first - longest) : bisect_left(firsts, block.last)]
        near = [spot for spot in near if spot.last > block.first]
        own = [_price(block, center, near, anchor) for center in slots[number]]
        if not number:
            costs.append(own)
            origins.append([0] * len(own))
            continue
        calm = block.first - blocks[number - 1].last < APART_S * fps
        totals, came = [], []
        for slot, price in enumerate(own):
            ways = [cost + (CHANGE if calm and slot != before else 0.0) for before, cost in enumerate(costs[-1])]
            best = min(range(len(ways)), key=lambda way: (ways[way], way))
            totals.append(ways[best] + price)
            came.append(best)
        costs.append(totals)
        origins.append(came)
    slot = min(range(len(SLOTS)), key=lambda n: (costs[-1][n], n))
    chosen: list[float] = []
    for number in range(len(blocks) - 1, -1, -1):
        chosen.append(slots[number][slot])
        slot = origins[number][slot]
    return tuple(chosen[::-1])


def _slots(block: Block, safe: SafeArea, anchor: float) -> list[float]:
    """The middles that a page may have, all of it within the safe area if that is high enough."""
    low, high = safe.top + block.height / 2, safe.bottom - block.height / 2
    return [min(max(anchor + shift, low), max(high, low)) for shift in SLOTS]


def _price(block: Block, center: float, near: Sequence[Spot], anchor: float) -> float:
    left, right = 0.5 - block.width / 2, 0.5 + block.width / 2
    top, bottom = center - block.height / 2, center + block.height / 2
    price = DISTANCE * abs(center - anchor)
    for spot in near:
        across = min(right, spot.right) - max(left, spot.left)
        down = min(bottom, spot.bottom) - max(top, spot.top)
        if across > 0 and down > 0:
            smaller = min((spot.right - spot.left) * (spot.bottom - spot.top), block.width * block.height)
            share = min(1.0, across * down / max(smaller, 1e-9))
            time = (min(spot.last, block.last) - max(spot.first, block.first)) / max(1, block.last - block.first)
            price += HIDING * WEIGHTS.get(spot.kind, 1.0) * share * time
    return price
