"""The sound of whole shorts: with the picture, at its level, and where the source has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from actors.renderer.adapters.sound import measured
from tests.renderer.jobs import SMALL, short
from tests.renderer.media import Film, beeps, bursts, flashing, make, tone


@pytest.mark.parametrize("start", [0.0, 0.48])
def test_picture_and_sound_stay_together(tmp_path: Path, start: float) -> None:
    source = make(tmp_path / "a.mp4", Film(paint=flashing, sound=beeps(4), seconds=4, fps=30, width=160, height=90))
    _, seen = short(source, start, start + 2.5, recipe=SMALL.model_copy(update={"width": 90, "height": 160}))
    bright = np.array([picture.mean() > 128 for picture in seen.pictures])
    flashes = [seen.times[n] for n in range(1, len(bright)) if bright[n] and not bright[n - 1]]
    loud = np.abs(seen.sound[0]) > 0.05
    heard = np.flatnonzero(loud) / 48000
    starts = [heard[0], *(heard[n] for n in range(1, len(heard)) if heard[n] - heard[n - 1] > 0.5)]
    assert flashes
    for flash in flashes:
        assert min(abs(flash - beep) for beep in starts) < 1 / 30 + 0.003, (flashes, starts)


def test_loudness_and_peak_are_as_ordered(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=5, sound=tone(5, 0.02)))
    rendered, _ = short(source, 0, 4, recipe=SMALL.model_copy(update={"loudness": -16.0}))
    assert rendered.loudness == pytest.approx(-16, abs=0.5)
    assert rendered.true_peak is not None
    assert rendered.true_peak <= -1.5


def test_peaks_are_limited_to_reach_the_loudness(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=5, sound=bursts(5)))
    rendered, seen = short(source, 0, 4, recipe=SMALL.model_copy(update={"loudness": -24.0}))
    assert rendered.loudness == pytest.approx(-24, abs=0.5)
    assert np.abs(seen.sound).max() <= 10 ** (-0.9 / 20)


@pytest.mark.parametrize("sound", [tone(9, 0.02), bursts(9), beeps(9)])
@pytest.mark.parametrize("target", [-14.0, -23.0])
def test_the_level_that_is_told_is_that_of_the_finished_file(tmp_path: Path, sound: np.ndarray, target: float) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=9, sound=sound, width=160, height=90))
    rendered, seen = short(source, 0.3, 8.5, recipe=SMALL.model_copy(update={"loudness": target}))
    level, _ = measured([seen.sound[:, n : n + 4800] for n in range(0, seen.sound.shape[1], 4800)])
    assert level.loudness is not None and level.true_peak is not None
    assert rendered.loudness == pytest.approx(level.loudness, abs=0.1)
    assert rendered.true_peak == pytest.approx(level.true_peak, abs=0.1)
    assert level.true_peak <= -1.45


def test_a_source_without_sound_gets_a_silent_track_and_a_warning(tmp_path: Path) -> None:
    rendered, seen = short(make(tmp_path / "a.mp4", Film()))
    assert rendered.loudness is None
    assert np.abs(seen.sound).max() == 0
    assert rendered.warnings == ("The source has no sound: the short has a silent track",)


def test_sound_that_stops_early_goes_on_as_silence(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=3, sound=tone(1)))
    _, seen = short(source, 0, 3)
    assert seen.sound.shape[1] / 48000 == pytest.approx(3, abs=0.05)
    assert np.abs(seen.sound[:, -48000:]).max() < 1e-3
