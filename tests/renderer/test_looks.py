"""Looks: as strong as wanted, in the range of the picture, the same every time, and together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from actors.renderer.adapters.looks import LOOKS, Instant
from actors.renderer.adapters.looks.beats import beat_of, held
from actors.renderer.adapters.looks.chain import Chain
from actors.renderer.adapters.looks.tone import Grade
from actors.renderer.adapters.planes import planes_of, tag
from contracts.style import LookUse
from runtime.errors import Reject

SIZE = (128, 224)
FPS = 30.0
SKIN = (150, 108, 150)
"""Light skin in Y, Cb, Cr."""
ALL_OR_NOTHING = {"mirror"}
GRADUAL = sorted(set(LOOKS) - ALL_OR_NOTHING)


def instant(time: float = 0.5, duration: float = 3.0, beats: tuple[float, ...] = (0.45,)) -> Instant:
    return Instant(frame=round(time * FPS), time=time, duration=duration, fps=FPS, beats=beats)


def picture(size: tuple[int, int] = SIZE, *, extreme: bool = False) -> VideoFrame:
    """A gradient with detail; `extreme`: every code of the limited range next to every other."""
    dice = np.random.default_rng(5)
    frame = VideoFrame(*size, "yuv420p")
    for plane, top in zip(planes_of(frame), (235, 240, 240), strict=True):
        rows, columns = plane.shape
        if extreme:
            plane[:] = dice.integers(16, top + 1, plane.shape)
        else:
            ramp = np.linspace(30, 220, rows)[:, None] if top == 235 else np.linspace(100, 156, rows)[:, None]
            plane[:] = ramp + 6 * np.sin(np.arange(columns) / 5)
    tag(frame)
    return frame


def looked(uses: Sequence[LookUse], frame: VideoFrame, at: Instant) -> list[Any]:
    chain = Chain(uses, (frame.width, frame.height), FPS)
    return [plane.astype(int) for plane in planes_of(chain.apply(frame, at))]


def change(name: str, strength: float, at: Instant) -> float:
    """How far the picture, and the camera in pixels, are from what they would be without the look."""
    use = LookUse(name=name, strength=strength)
    view = Chain((use,), SIZE, FPS).view(at)
    moved = (view.zoom - 1) * SIZE[1] / 2 + math.hypot(view.x * SIZE[0], view.y * SIZE[1])
    before = [plane.astype(int) for plane in planes_of(picture())]
    after = looked((use,), picture(), at)
    return moved + sum(float(np.abs(a - b).mean()) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_says_what_it_looks_like(name: str) -> None:
    says = LOOKS[name].says
    assert 10 < len(says) < 120
    assert says[0].islower()
    assert not says.endswith(".")


@pytest.mark.parametrize("name", GRADUAL)
def test_next_to_no_strength_is_next_to_invisible(name: str) -> None:
    assert change(name, 0.02, instant()) < 2


@pytest.mark.parametrize("name", GRADUAL)
def test_more_strength_is_never_less_to_see(name: str) -> None:
    at = instant()
    changes = [change(name, strength, at) for strength in (0.1, 0.25, 0.5, 0.75, 1.0)]
    assert changes[2] > 0.3
    assert all(more >= less - 0.35 for less, more in pairwise(changes)), changes


def test_strength_nought_does_nothing_at_all() -> None:
    frame = picture()
    chain = Chain([LookUse(name=name, strength=0) for name in LOOKS], SIZE, FPS)
    assert chain.apply(frame, instant()) is frame
    assert chain.view(instant()).zoom == 1


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_the_limited_range_is_kept(name: str, strength: float) -> None:
    for time in (0.0, 0.5, 2.25):
        planes = looked((LookUse(name=name, strength=strength),), picture(extreme=True), instant(time))
        for plane, top in zip(planes, (235, 240, 240), strict=True):
            assert plane.min() >= 16
            assert plane.max() <= top


@pytest.mark.parametrize("name", LOOKS)
def test_the_same_look_gives_the_same_picture(name: str) -> None:
    one, other = (looked((LookUse(name=name),), picture(), instant()) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("name", sorted(set(LOOKS) - {"noir", "light_leak"}))
def test_skin_stays_skin_at_the_usual_strength(name: str) -> None:
    """Within 14 degrees of its hue, and neither pale nor glowing, also where a look is at its strongest."""
    for time in (0.5, 2.25, 6.75):
        frame = picture()
        for plane, code in zip(planes_of(frame), SKIN, strict=True):
            plane[:] = code
        y, blue, red = (float(np.median(plane)) for plane in looked((LookUse(name=name),), frame, instant(time)))
        turned = math.degrees(math.atan2(red - 128, blue - 128) - math.atan2(SKIN[2] - 128, SKIN[1] - 128))
        assert abs(turned) < 14, f"{name} turns skin by {turned:.0f} degrees"
        assert 0.6 < math.hypot(blue - 128, red - 128) / math.hypot(SKIN[1] - 128, SKIN[2] - 128) < 1.5
        assert abs(y - SKIN[0]) < 30


@pytest.mark.parametrize("name", sorted(name for name, look in LOOKS.items() if issubclass(look, Grade)))
@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_a_grade_makes_no_bands(name: str, strength: float) -> None:
    """Neighbouring codes stay neighbours, in their order: at most three apart."""
    frame = VideoFrame(256, 64, "yuv420p")
    luma, *chroma = planes_of(frame)
    luma[:] = np.clip(np.arange(256), 16, 235)
    for plane in chroma:
        plane[:] = 128
    toned, blue, red = looked((LookUse(name=name, strength=strength),), frame, instant())
    steps = np.diff(toned[0])
    assert steps.min() >= 0
    assert steps.max() <= 3
    assert max(np.abs(np.diff(plane[0])).max() for plane in (blue, red)) <= 3


def test_all_looks_together_on_an_odd_canvas() -> None:
    uses = [LookUse(name=name) for name in LOOKS]
    chain = Chain(uses, (270, 202), FPS)
    for number in range(4):
        frame = chain.apply(picture((270, 202)), instant(number / FPS))
        assert (frame.width, frame.height, frame.format.name) == (270, 202, "yuv420p")
        assert planes_of(frame)[0].flags.writeable


def test_no_border_comes_into_view() -> None:
    uses = [LookUse(name=name, strength=1) for name in ("shake", "punch_in", "slow_zoom", "pull_out", "shake")]
    chain = Chain(uses, SIZE, FPS)
    for number in range(90):
        view = chain.view(instant(number / FPS, beats=(0.4, 1.7)))
        assert view.zoom >= 1
        assert max(abs(view.x), abs(view.y)) <= (view.zoom - 1) / 2 + 1e-9


@pytest.mark.parametrize("name", ["slow_zoom", "pull_out", "shake"])
def test_the_camera_moves_smoothly(name: str) -> None:
    """At full strength and 1080x1920 its speed changes by little more than a pixel from one picture to the next."""
    chain = Chain((LookUse(name=name, strength=1),), (1080, 1920), FPS)
    views = [chain.view(instant(number / FPS)) for number in range(90)]
    tracks = [[view.x * 1080 for view in views], [view.y * 1920 for view in views], [view.zoom * 960 for view in views]]
    assert max(float(np.abs(np.diff(track, 2)).max()) for track in tracks) < 1.4
    assert max(float(np.ptp(track)) for track in tracks) > 20


def test_a_punch_in_takes_half_a_second_and_rests_between() -> None:
    chain = Chain((LookUse(name="punch_in", every=3),), SIZE, FPS)
    zooms = {time: chain.view(instant(time, 10)).zoom for time in (0, 2.9, 3.0, 3.05, 3.1, 3.4, 3.45, 3.5, 5.9, 6.2)}
    assert zooms[0] == zooms[2.9] == zooms[3.0] == zooms[3.5] == zooms[5.9] == 1
    assert zooms[3.1] == zooms[3.4] == zooms[6.2] == pytest.approx(1.12)
    assert zooms[3.05] == zooms[3.45] == pytest.approx(1.06)


@given(
    beats=st.lists(st.floats(0, 9.9), max_size=12).map(sorted),
    time=st.floats(0, 10),
    length=st.floats(0.1, 1),
    every=st.none() | st.floats(0.05, 4),
)
def test_a_beat_under_way_began_less_than_its_length_ago(
    beats: list[float], time: float, length: float, every: float | None
) -> None:
    beat = beat_of(instant(time, 10, tuple(beats)), every, length)
    if beat is not None:
        number, since = beat
        assert number >= 1
        assert 0 <= since < length + 1e-5
    elif every is None:
        assert not any(each <= time < each + length for each in beats[:1])


def test_a_beat_during_another_is_left_out() -> None:
    at = [beat_of(instant(time, 3, (0.5, 0.7, 1.2)), None, 0.5) for time in (0.4, 0.6, 0.9, 1.1, 1.3)]
    assert [beat and beat[0] for beat in at] == [None, 1, 1, None, 2]


def test_what_is_held_comes_and_goes_without_a_step() -> None:
    values = [held(time / 1000, 0.1, 0.3, 0.1) for time in range(501)]
    assert values[0] == values[-1] == 0
    assert max(abs(b - a) for a, b in pairwise(values)) < 0.02


def test_a_blur_in_ends_and_costs_nothing_then() -> None:
    frame = picture()
    before = [plane.copy() for plane in planes_of(frame)]
    after = looked((LookUse(name="blur_in", strength=1),), frame, instant(0.7))
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_looks_with_beats_wait_for_them() -> None:
    for name in ("punch_in", "glitch"):
        frame = picture()
        before = [plane.copy() for plane in planes_of(frame)]
        chain = Chain((LookUse(name=name),), SIZE, FPS)
        assert chain.view(instant(beats=())).zoom == 1
        after = planes_of(chain.apply(frame, instant(beats=())))
        assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_look_that_there_is_not_is_refused_with_the_names_of_those_that_there_are() -> None:
    with pytest.raises(Reject, match="no look 'sparkle'") as caught:
        Chain((LookUse(name="film"), LookUse(name="sparkle")), SIZE, FPS, field="segments.3.looks")
    assert caught.value.field == "segments.3.looks.1.name"
    assert "slow_zoom" in caught.value.advice
