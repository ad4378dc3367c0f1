"""Whether a source's pictures can go into the short as they are, without being decoded and encoded again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actors.renderer.core.framing import FRAME_SLACK
from contracts.timeline import Timeline

__all__ = ["Facts", "changes_pictures", "differs", "in_order"]

MOST_BITS = 20_000_000
"""Bits of a second: what platforms take at most, with room; a source above is encoded anew."""
_CONTAINERS = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
"""Those that keep H.264 as an MP4 does, its parameters apart from its pictures."""
_WHOLE = {"track", "center", "fit"}
"""Framing modes that show all of a picture that has the canvas's shape."""
_BT709, _UNSPECIFIED = 1, 2
"""Code points of ITU-T H.273."""


@dataclass(frozen=True)
class Facts:
    """What is known of a source's pictures. Colours are code points of ITU-T H.273."""

    container: str
    codec: str
    pixels: str
    size: tuple[int, int]
    pixel_aspect: float
    rotation: int
    interlaced: bool
    matrix: int
    primaries: int
    transfer: int
    full_range: bool
    bits: float
    """Bits of a second of the span."""


def changes_pictures(timeline: Timeline) -> str | None:
    """What a timeline does to its source's pictures; None: nothing, as far as can be told without the source."""
    segment = timeline.segments[0]
    checks = (
        (len(timeline.segments) > 1, "it has several segments"),
        (bool(timeline.shapes), "it is made in several shapes"),
        (segment.speed != 1, "its speed is changed"),
        (bool(segment.looks), "it has looks"),
        (bool(timeline.overlays), "it has overlays"),
        (timeline.captions.burnt and bool(timeline.captions.words), "captions are drawn into it"),
        (segment.framing.mode not in _WHOLE, "it is composed of panels"),
        (any(section.mode not in _WHOLE for section in segment.framing.sections), "it is composed of panels"),
    )
    return next((why for true, why in checks if true), None)


def differs(facts: Facts, size: tuple[int, int]) -> str | None:
    """In what the pictures are not those that a short of a size has; None: they are."""
    guessed = facts.matrix == _UNSPECIFIED and min(facts.size) >= 720  # players take it for BT.709 then
    checks = (
        (facts.container not in _CONTAINERS, f"it is in {facts.container}"),
        (facts.codec != "h264", f"it is {facts.codec}"),
        (facts.pixels != "yuv420p", f"its pixels are {facts.pixels}"),
        (facts.size != size, f"it is {facts.size[0]}x{facts.size[1]}"),
        (abs(facts.pixel_aspect - 1) > 1e-6, "its pixels are not square"),
        (facts.rotation != 0, f"it is turned by {facts.rotation} degrees"),
        (facts.interlaced, "it is interlaced"),
        (facts.full_range, "it is in full range"),
        (facts.matrix != _BT709 and not guessed, "its colours are not BT.709"),
        (facts.primaries not in {_BT709, _UNSPECIFIED}, "its colours are not BT.709"),
        (facts.transfer not in {_BT709, _UNSPECIFIED}, "its colours are not BT.709"),
        (facts.bits > MOST_BITS, f"it has {facts.bits / 1e6:.0f} Mbit/s"),
    )
    return next((why for true, why in checks if true), None)


def in_order(times: Sequence[float], start: float, fps: int) -> list[int] | None:
    """The place of each picture on the short's clock, of packets in the order in which they are decoded.

    `times`: seconds of the source; the first packet is a keyframe. None where they are not exactly the pictures that
    are on screen from `start` on at `fps`: it starts elsewhere, the rate is another or varies, or one of them needs a
    picture that comes after the last.
    """
    if not times or min(times) < times[0] or not times[0] - FRAME_SLACK <= start < times[0] + 1 / fps - FRAME_SLACK:
        return None
    places = [round((time - times[0]) * fps) for time in times]
    if sorted(places) != list(range(len(times))):
        return None
    if any(abs(times[0] + place / fps - time) > FRAME_SLACK for time, place in zip(times, places, strict=True)):
        return None
    return places
