"""What is a usable video, by what was measured in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from actors.downloader.core.addresses import Refusal

__all__ = ["Limits", "Measured", "Verdict", "frame_rate", "judged"]


@dataclass(frozen=True)
class Limits:
    """What is taken: pixels of one picture, seconds."""

    pixels: int
    duration_s: float


@dataclass
class Measured:
    """What was found in a file. Seconds from the container's start; `aspect`: width of a pixel over its height."""

    container: str
    header_duration: float | None
    has_sound: bool
    video_codec: str | None = None
    pixels: int = 0
    pictures: int = 0
    width: int = 0
    height: int = 0
    rotation: int = 0
    aspect: float = 1.0
    times: Sequence[float] = ()
    video_end: float = 0.0
    audio_end: float = 0.0
    cut_off: bool = False
    audio_codec: str | None = None
    loudness: float | None = None
    bad_sound: bool = False


@dataclass(frozen=True)
class Verdict:
    """Why the file is refused, or its facts (the fields of `Probe` but the colours) and what is odd about it."""

    refusal: Refusal | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def judged(m: Measured, limits: Limits, *, name: str) -> Verdict:
    """Whether a file that was measured is a usable video."""
    refusal = _no_video(m, limits, name)
    if refusal is not None:
        return Verdict(refusal)
    duration, claimed = m.video_end, m.header_duration
    if m.times[-1] >= duration:  # the last picture does not say how long it is shown
        duration = m.times[-1] + (m.times[-1] - m.times[0]) / (len(m.times) - 1)
    real = max(duration, m.audio_end)
    refusal = _bad_length(name, real, duration, claimed, limits, cut_off=m.cut_off)
    if refusal is not None:
        return Verdict(refusal)
    fps, variable = frame_rate(m.times)
    width, height = m.width * m.aspect, float(m.height)
    if m.rotation % 180 == 90:
        width, height = height, width
    facts = {
        "container": m.container,
        "duration": round(duration, 3),
        "header_duration": claimed,
        "width": max(1, round(width)),
        "height": max(1, round(height)),
        "rotation": m.rotation % 360,
        "fps": round(fps, 4),
        "variable_fps": variable,
        "video_codec": m.video_codec,
        "audio_codec": m.audio_codec,
        "loudness": m.loudness,
    }
    return Verdict(facts=facts, warnings=_warnings(m, duration, real))


def _no_video(m: Measured, limits: Limits, name: str) -> Refusal | None:
    if m.video_codec is None and m.has_sound:
        return Refusal(f"{name} has sound but no moving picture", "Give a file with a video in it")
    if m.video_codec is None:
        return Refusal(f"{name} has neither picture nor sound in it", "Give a file with a video in it")
    if m.pixels > limits.pixels:
        return Refusal(
            f"{name} has pictures of {m.pixels / 1e6:.0f} megapixels, more than the {limits.pixels / 1e6:g} allowed",
            "Make it smaller, or raise CLIPWIRE_DOWNLOADER_MAX_PIXELS",
        )
    if m.pictures == 0:
        return Refusal(
            f"No picture of {name} can be decoded ({m.video_codec})", "The file is damaged; give another copy"
        )
    if len(m.times) < 2 or m.times[-1] <= m.times[0]:
        return Refusal(f"{name} is a single picture, not a video", "Give a file with moving pictures")
    return None


def _bad_length(
    name: str, real: float, duration: float, claimed: float | None, limits: Limits, *, cut_off: bool
) -> Refusal | None:
    if real > limits.duration_s:
        return Refusal(
            f"{name} is {real:.0f} seconds long, more than the {limits.duration_s:.0f} allowed",
            "Raise CLIPWIRE_DOWNLOADER_MAX_DURATION_S to take it",
        )
    missing = (claimed or 0.0) - real
    # A file that was cut off misses its end; one whose header claims ten times of what an unharmed index lists is
    # made up.
    if claimed is not None and missing > 1.0 and real < claimed * 0.1 and not cut_off:
        return Refusal(
            f"The header of {name} claims {claimed:.0f} seconds, but there are {real:.1f} in it",
            "The file is damaged or made to mislead; give another copy",
        )
    if duration < 1.0 and missing > 0.5:
        return Refusal(
            f"Only {duration:.1f} of the {claimed:.0f} seconds of {name} are there",
            "The file is not whole; fetch it again",
        )
    return None


def _warnings(m: Measured, duration: float, real: float) -> list[str]:
    warnings = []
    if m.header_duration is not None and m.header_duration - real > max(0.5, m.header_duration * 0.01):
        warnings.append(f"The file ends after {real:.1f} of its {m.header_duration:.1f} seconds; the rest is missing")
    if m.audio_end - duration > 1.0:
        warnings.append(f"The sound goes on for {m.audio_end - duration:.1f} seconds after the last picture")
    if m.audio_codec and m.bad_sound:
        warnings.append(f"Most of the sound cannot be decoded ({m.audio_codec})")
    return warnings


def frame_rate(times: Sequence[float]) -> tuple[float, bool]:
    """Average frames per second, and whether the rate varies: more than one gap in a hundred is unlike the usual one.

    `times`: at least two, in order, in seconds. A gap is unlike the usual one when it differs by more than a fifth
    and by more than the 1.5 ms that containers with millisecond clocks round by.
    """
    gaps = [b - a for a, b in pairwise(times)]
    usual = median(gaps)
    odd = sum(abs(gap - usual) > max(0.0015, usual * 0.2) for gap in gaps)
    return len(gaps) / (times[-1] - times[0]), odd > max(1, len(gaps) * 0.01)
