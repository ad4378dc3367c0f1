"""Transitions: they begin with the one picture, end with the other, and never jump in between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.renderer.adapters.transitions import TRANSITIONS, transition_named
from runtime.errors import Reject

SHAPES = ((192, 108), (96, 54), (96, 54))
Planes = list[Any]


def pictures() -> tuple[Planes, Planes]:
    """Two different pictures, smooth but for a little detail."""
    found: list[Planes] = []
    for turn in (0.0, 2.0):
        planes = []
        for rows, columns in SHAPES:
            y, x = np.mgrid[0:rows, 0:columns]
            wave = np.sin(3 * x / columns + turn) * np.cos(4 * y / rows + turn)
            planes.append((126 + 95 * wave + 8 * np.sin(x)).astype(np.uint8))
        found.append(planes)
    return found[0], found[1]


def mixed(name: str, share: float) -> Planes:
    before, after = pictures()
    TRANSITIONS[name](before, after, share)
    return after


def apart(one: Planes, other: Planes) -> float:
    """The mean difference of two pictures in codes."""
    return float(np.mean([np.abs(a.astype(int) - b.astype(int)).mean() for a, b in zip(one, other, strict=True)]))


@pytest.mark.parametrize("name", TRANSITIONS)
def test_it_starts_as_the_one_and_ends_as_the_other(name: str) -> None:
    before, after = pictures()
    assert apart(mixed(name, 1e-5), before) == 0
    assert apart(mixed(name, 1 - 1e-5), after) == 0


@given(name=st.sampled_from(sorted(TRANSITIONS)), share=st.floats(0.005, 0.985))
@settings(max_examples=120, deadline=None)
def test_a_hundredth_further_is_nearly_the_same_picture(name: str, share: float) -> None:
    assert apart(mixed(name, share), mixed(name, share + 0.01)) < 10


@given(name=st.sampled_from(sorted(TRANSITIONS)), share=st.floats(0.001, 0.999))
@settings(max_examples=60, deadline=None)
def test_the_limited_range_is_kept_and_it_is_the_same_every_time(name: str, share: float) -> None:
    once, again = mixed(name, share), mixed(name, share)
    for plane, same, top in zip(once, again, (235, 240, 240), strict=True):
        assert np.array_equal(plane, same)
        assert plane.min() >= 16
        assert plane.max() <= top


@pytest.mark.parametrize("name", TRANSITIONS)
def test_it_says_what_it_looks_like(name: str) -> None:
    assert 15 < len((TRANSITIONS[name].__doc__ or "").partition("\n")[0]) < 120


def test_a_dip_is_black_in_its_middle_and_the_other_one_white() -> None:
    for name, luma in (("dip", 16), ("dip_white", 235)):
        assert [set(np.unique(plane)) for plane in mixed(name, 0.5)] == [{luma}, {128}, {128}]


def test_a_transition_that_there_is_not_is_refused_with_the_names_of_those_that_there_are() -> None:
    assert transition_named("fade", "segments.1.transition.name") is TRANSITIONS["fade"]
    with pytest.raises(Reject, match="no transition 'melt'") as caught:
        transition_named("melt", "segments.1.transition.name")
    assert caught.value.field == "segments.1.transition.name"
    assert "whip" in caught.value.advice
