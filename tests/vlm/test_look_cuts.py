"""Cuts, and what is taken for cuts: flashes, fast pans, fades, dissolves, words that pop up."""

from __future__ import annotations

from pathlib import Path

import pytest

from actors.vlm.adapters.pictures.cuts import CutFinder
from actors.vlm.adapters.pictures.eye import watch
from actors.vlm.adapters.pictures.fades import FadeFinder
from bench.analysis import score
from bench.cut_footage import Script, shoot

SMALL = (320, 180)


def cuts_in(script: Script, folder: Path) -> tuple[list[float], list[float]]:
    """What was found, and what is true."""
    truth = script.write(folder / "a.mp4")
    finder = CutFinder()
    watch(truth.path, (finder,), threads=1, every_frame=False, progress=lambda t: None)
    return finder.finish(), truth.cuts


def fades_in(script: Script, folder: Path) -> list[tuple[str, float, float]]:
    finder = FadeFinder()
    watch(script.write(folder / "a.mp4").path, (finder,), threads=1, every_frame=False, progress=lambda t: None)
    return [(fade.kind, fade.start, fade.end) for fade in finder.finish()]


@pytest.mark.parametrize("seed", range(3))
def test_cuts_to_the_same_scene_closer_by_are_found(tmp_path: Path, seed: int) -> None:
    script = Script(seed, SMALL)
    script.roll(1.5)
    script.closer()
    script.roll(1.5)
    found, true = cuts_in(script, tmp_path)
    assert found == pytest.approx(true, abs=0.1)


@pytest.mark.parametrize("seed", range(3))
def test_cuts_between_dark_shots_are_found(tmp_path: Path, seed: int) -> None:
    script = Script(seed, SMALL)
    script.gain = 0.15
    for _ in range(3):
        script.roll(1.2)
        script.cut(gain=0.15)
    script.roll(1.0)
    found, true = cuts_in(script, tmp_path)
    assert found == pytest.approx(true, abs=0.1)


@pytest.mark.parametrize("event", ["flash", "whip", "caption", "passer"])
@pytest.mark.parametrize("seed", range(2))
def test_what_passes_is_no_cut(tmp_path: Path, event: str, seed: int) -> None:
    script = Script(seed, SMALL)
    script.roll(1.0)
    script.caption(1.0) if event == "caption" else getattr(script, event)()
    script.roll(1.0)
    assert cuts_in(script, tmp_path)[0] == []


@pytest.mark.parametrize("seed", range(3))
def test_a_dissolve_is_a_fade_and_no_cut(tmp_path: Path, seed: int) -> None:
    script = Script(seed, SMALL)
    script.roll(1.5)
    script.dissolve(1.0)
    script.roll(1.5)
    ((kind, start, end),) = fades_in(script, tmp_path)
    assert kind == "dissolve"
    assert (start, end) == pytest.approx((1.5, 2.5), abs=0.2)
    assert cuts_in(script, tmp_path)[0] == []


@pytest.mark.parametrize("seconds", [0.5, 1.2])
def test_fades_through_black_are_found_both(tmp_path: Path, seconds: float) -> None:
    script = Script(4, SMALL)
    script.roll(1.5)
    script.through_black(seconds)
    script.roll(1.5)
    found = fades_in(script, tmp_path)
    truth = script.truth.fades
    assert [kind for kind, _, _ in found] == ["out", "in"]
    for (_, start, end), (_, begins, ends) in zip(found, truth, strict=True):
        assert (start, end) == pytest.approx((begins, ends), abs=0.2)


@pytest.mark.parametrize("event", ["flash", "whip", "passer", "cut", "closer"])
def test_what_is_sudden_or_moves_is_no_fade(tmp_path: Path, event: str) -> None:
    script = Script(5, SMALL)
    script.roll(1.5)
    getattr(script, event)()
    script.roll(1.5)
    assert fades_in(script, tmp_path) == []


def test_the_light_that_is_turned_down_is_no_dissolve(tmp_path: Path) -> None:
    script = Script(6, SMALL)
    script.roll(1.0)
    for step in range(25):
        script.gain = 1.0 - step / 50
        script.roll(0.04)
    script.roll(1.0)
    assert fades_in(script, tmp_path) == []


def test_nearly_every_cut_of_whole_talks_is_found_and_hardly_anything_else(tmp_path: Path) -> None:
    talks = [shoot(tmp_path / f"{seed}.mp4", seed, events=12, size=SMALL) for seed in (20, 21)]
    found = []
    for talk in talks:
        finder = CutFinder()
        watch(talk.path, (finder,), threads=1, every_frame=False, progress=lambda t: None)
        found.append((talk, finder.finish()))
    _, _, f1 = score(found)
    assert f1 >= 0.95
