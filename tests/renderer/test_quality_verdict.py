"""Judging a finished file: each fault by its name, and the limits of platforms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.renderer.core.limits import LIMITS, not_kept
from actors.renderer.core.verdict import Expected, Found, fault

EXPECTED = Expected(
    size=(1080, 1920),
    fps=30,
    frames=90,
    sound="a",
    loudness=-14.0,
    target=-14.0,
    true_peak=-1.6,
    peak_limit=-1.5,
)
FOUND = Found(
    atoms=("ftyp", "moov", "mdat"),
    video_streams=1,
    audio_streams=1,
    size=(1080, 1920),
    pixels="yuv420p",
    frames=90,
    sound="a",
    steady=True,
    falling=None,
    video_start=0.0,
    video_seconds=3.0,
    audio_start=0.0,
    audio_seconds=3.01,
    decoded=30,
    broken=0,
    dark=False,
)


def test_a_file_that_is_as_ordered_has_no_fault() -> None:
    assert fault(EXPECTED, FOUND) is None


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"atoms": ("ftyp", "mdat", "moov")}, "index"),
        ({"audio_streams": 0}, "1 picture and 0 sound tracks"),
        ({"video_streams": 2}, "2 picture"),
        ({"size": (1080, 1080)}, "1080x1080 yuv420p instead of 1080x1920"),
        ({"pixels": "yuv444p"}, "yuv444p"),
        ({"falling": ("sound", 1024)}, "do not rise at 1024 of the sound"),
        ({"frames": 89}, "89 pictures instead of 90"),
        ({"steady": False}, "do not follow each other at 30 per second"),
        ({"video_seconds": 3.6}, "last 3.60 s instead of 3.00 s"),
        ({"sound": "b"}, "not the one that was encoded"),
        ({"audio_seconds": 2.5}, "2.50 s of sound to 3.00 s of picture"),
        ({"audio_start": 0.04}, "its sound is 40 ms late"),
        ({"video_start": 0.05}, "its sound is 50 ms early"),
        ({"broken": 2}, "2 of its 32 pictures"),
        ({"decoded": 0}, "can't be decoded"),
        ({"unheard": 1}, "1 parts of its sound can't be decoded"),
        ({"dark": True}, "black"),
    ],
)
def test_each_fault_of_a_file_is_named(found: dict[str, Any], said: str) -> None:
    assert said in (fault(EXPECTED, replace(FOUND, **found)) or "")


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"true_peak": -1.3}, "true peak is -1.30 dBTP, above -1.5"),
        ({"loudness": -15.0}, "-15.0 LUFS instead of -14.0, and nothing says why"),
    ],
)
def test_a_level_that_is_off_is_a_fault(expected: dict[str, Any], said: str) -> None:
    assert said in (fault(replace(EXPECTED, **expected), FOUND) or "")


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"loudness": -15.0, "excused": True}, {}),
        ({"loudness": None, "true_peak": None}, {}),
        ({"dark": True}, {"dark": True}),
        ({}, {"audio_start": 0.03}),
        ({}, {"audio_seconds": 2.98}),
        ({"loudness": -14.5}, {}),
    ],
)
def test_what_is_said_or_small_or_was_so_before_is_no_fault(expected: dict[str, Any], found: dict[str, Any]) -> None:
    assert fault(replace(EXPECTED, **expected), replace(FOUND, **found)) is None


def test_a_video_within_every_limit_is_too_large_for_nobody() -> None:
    assert not_kept(45.0, 20_000_000) == ()


def test_what_is_too_long_and_too_large_is_said_with_the_limit() -> None:
    assert not_kept(150.0, 60_000_000, ("x", "telegram", "youtube")) == (
        "x: 150.0 s, at most 140 s",
        "telegram: 60.0 MB, at most 50 MB",
    )
    assert not_kept(2.0, 50_000, ("linkedin",)) == ("linkedin: 2.0 s, at least 3 s", "linkedin: 50 kB, at least 75 kB")


def test_a_platform_that_is_not_known_has_no_limits() -> None:
    assert not_kept(1e6, 10**13, ("elsewhere",)) == ()


@given(seconds=st.floats(0.1, 1e5), size=st.integers(1, 10**12), name=st.sampled_from(sorted(LIMITS)))
def test_a_smaller_or_shorter_video_is_never_too_large_where_a_larger_was_not(
    seconds: float, size: int, name: str
) -> None:
    if not any("at most" in line for line in not_kept(seconds, size, (name,))):
        assert not any("at most" in line for line in not_kept(seconds / 2, size // 2, (name,)))
