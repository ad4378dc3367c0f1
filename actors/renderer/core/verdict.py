"""Whether a finished file is what was ordered. What is not is a fault of the renderer, and nobody gets the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Expected", "Found", "fault"]

PEAK_ALLOWANCE = 0.05
"""Decibels that another meter may be off."""
LOUDNESS_ALLOWANCE = 0.55
"""LUFS: half a unit, as EBU R 128 has it for what is mixed live, and the meter's rounding."""


@dataclass(frozen=True)
class Expected:
    """What was ordered and encoded. Levels are those of the encoded sound; None: silent."""

    size: tuple[int, int]
    fps: int
    frames: int
    sound: str
    """Checksum of the encoded sound."""
    loudness: float | None = None
    target: float | None = None
    true_peak: float | None = None
    peak_limit: float | None = None
    excused: bool = False
    """Whether a warning says that the sound is not at its target."""
    dark: bool = False
    """Whether the pictures that were decoded again were black when they were encoded."""


@dataclass(frozen=True)
class Found:
    """What was read back from the file. Times are seconds, rates pictures per second."""

    atoms: tuple[str, ...]
    video_streams: int
    audio_streams: int
    size: tuple[int, int]
    pixels: str
    frames: int
    sound: str
    steady: bool
    """Whether every picture follows the one before by the same time."""
    falling: tuple[str, int] | None
    """Kind of stream and decoding time at which the times do not rise."""
    video_start: float
    video_seconds: float
    audio_start: float
    audio_seconds: float
    decoded: int
    """How many of its pictures were decoded, whole, to see whether they can be."""
    broken: int
    dark: bool
    """Whether all that were decoded are black."""
    looked_at: tuple[float, ...] = ()
    """When the decoded pictures are shown, in seconds of the file."""
    unheard: int = 0
    """How many parts of its sound can't be decoded."""
    silent: tuple[tuple[float, float], ...] = field(default=())

    @property
    def offset(self) -> float:
        """Seconds that the sound is late."""
        return self.audio_start - self.video_start


def fault(expected: Expected, found: Found) -> str | None:
    """The first thing that is not as ordered, in words; None: it is as ordered."""
    return next(_faults(expected, found), None)


def _faults(expected: Expected, found: Found) -> Iterator[str]:
    if found.atoms[:2] != ("ftyp", "moov"):
        yield "the index does not stand in front of the media"
    if (found.video_streams, found.audio_streams) != (1, 1):
        yield f"it has {found.video_streams} picture and {found.audio_streams} sound tracks instead of one of each"
    if (found.size, found.pixels) != (expected.size, "yuv420p"):
        wanted = f"{expected.size[0]}x{expected.size[1]} yuv420p"
        yield f"the picture is {found.size[0]}x{found.size[1]} {found.pixels} instead of {wanted}"
    if found.falling is not None:
        yield f"decoding times do not rise at {found.falling[1]} of the {found.falling[0]}"
    if found.frames != expected.frames:
        yield f"it has {found.frames} pictures instead of {expected.frames}"
    if not found.steady:
        yield f"its pictures do not follow each other at {expected.fps} per second"
    duration = expected.frames / expected.fps
    if abs(found.video_seconds - duration) > 0.5 / expected.fps:
        yield f"its pictures last {found.video_seconds:.2f} s instead of {duration:.2f} s"
    yield from _sound_faults(expected, found)
    if found.broken or not found.decoded:
        yield f"{found.broken} of its {found.decoded + found.broken} pictures that were tried can't be decoded"
    if found.dark and not expected.dark:
        yield "its pictures are black, and those that were encoded were not"


def _sound_faults(expected: Expected, found: Found) -> Iterator[str]:
    if found.sound != expected.sound:
        yield "its sound is not the one that was encoded"
    if found.unheard:
        yield f"{found.unheard} parts of its sound can't be decoded"
    wanted = expected.frames / expected.fps
    if abs(found.audio_seconds - wanted) > max(0.05, 1 / expected.fps):
        yield f"it has {found.audio_seconds:.2f} s of sound to {wanted:.2f} s of picture"
    if abs(found.offset) > 1 / expected.fps:
        yield f"its sound is {1000 * abs(found.offset):.0f} ms {'late' if found.offset > 0 else 'early'}"
    peak, limit = expected.true_peak, expected.peak_limit
    if peak is not None and limit is not None and peak > limit + PEAK_ALLOWANCE:
        yield f"its true peak is {peak:.2f} dBTP, above {limit:.1f}"
    loudness, target = expected.loudness, expected.target
    if loudness is None or target is None or expected.excused:
        return
    if abs(loudness - target) > LOUDNESS_ALLOWANCE:
        yield f"it is at {loudness:.1f} LUFS instead of {target:.1f}, and nothing says why"
