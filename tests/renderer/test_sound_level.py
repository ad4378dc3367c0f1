"""Loudness and true peak of the finished sound, by a second meter, over a spread of materials."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.renderer.adapters.sound import PEAK_LIMIT, measured
from actors.renderer.adapters.sound.samples import CHUNK
from contracts.timeline import Segment, SoundPlan, Timeline
from tests.renderer.hearing import RATE, Heard, level_of, listen, talking, tone, write

T = np.arange(6 * RATE) / RATE
NOISE = np.random.default_rng(3).normal(0, 1, 6 * RATE)


def of(path: Path, samples: Any, target: float = -14.0, **more: Any) -> Heard:
    source = write(path / "a.wav", samples, **more)
    seconds = np.atleast_2d(samples).shape[1] / more.get("rate", RATE)
    return listen(Timeline(segments=(Segment(source=str(source), end=seconds),), sound=SoundPlan(loudness=target)))


MATERIALS: dict[str, Callable[[], Any]] = {
    "speech": lambda: talking(6),
    "faint speech": lambda: talking(6, 0.003),
    "tone": lambda: tone(6),
    "clipped noise": lambda: (0.8 * NOISE).clip(-1, 1),
    "clicks over faint noise": lambda: np.where(np.arange(6 * RATE) % 16000 == 0, 0.99, 0.02 * NOISE),
    "beeps": lambda: 0.3 * np.sin(2 * np.pi * 1000 * T) * (T % 1 < 0.1),
    "drums": lambda: (
        0.9 * np.sin(2 * np.pi * 60 * T) * np.exp(-(T % 0.5) * 12) + 0.1 * NOISE * np.exp(-(T % 0.25) * 60)
    ),
    "a whisper, then a shout": lambda: np.where(T < 4, 0.01, 0.9) * talking(6, 0.3),
    "peaks between the samples": lambda: 0.5 * np.sin(2 * np.pi * 12000 * T + np.pi / 4) * (1 + np.sin(3 * T)) / 2,
}


@pytest.mark.parametrize("material", MATERIALS)
def test_any_material_is_at_its_target_and_below_the_peak(tmp_path: Path, material: str) -> None:
    heard = of(tmp_path, MATERIALS[material]())
    assert heard.loudness == pytest.approx(-14, abs=0.5)
    assert heard.true_peak <= PEAK_LIMIT
    assert heard.sound.warnings == ()


@pytest.mark.parametrize("target", [-24.0, -10.0])
def test_another_target_is_met_as_well(tmp_path: Path, target: float) -> None:
    heard = of(tmp_path, talking(4), target)
    assert heard.loudness == pytest.approx(target, abs=0.5)
    assert heard.true_peak <= PEAK_LIMIT


def test_what_is_told_is_what_another_meter_finds(tmp_path: Path) -> None:
    heard = of(tmp_path, MATERIALS["drums"]())
    assert heard.sound.level.loudness == pytest.approx(heard.loudness, abs=0.05)
    assert heard.sound.level.true_peak == pytest.approx(heard.true_peak, abs=0.1)


def test_the_meter_agrees_with_another_one_on_what_is_not_ours() -> None:
    pink = np.cumsum(NOISE)[: 3 * RATE]
    sound = np.vstack([0.2 * NOISE[: 3 * RATE], 0.3 * pink / np.abs(pink).max()]).astype(np.float32)
    level, _ = measured(sound[:, first : first + CHUNK] for first in range(0, sound.shape[1], CHUNK))
    loudness, peak = level_of(sound)
    assert level.loudness == pytest.approx(loudness, abs=0.05)
    assert level.true_peak == pytest.approx(peak, abs=0.1)


def test_a_single_clap_in_silence_can_not_be_as_loud_and_that_is_said(tmp_path: Path) -> None:
    clap = np.where((T > 2) & (T < 2.01), 0.5 * NOISE, 0.0005 * NOISE)
    heard = of(tmp_path, clap)
    assert heard.true_peak <= PEAK_LIMIT
    assert "without distortion" in " ".join(heard.sound.warnings)


def test_what_is_almost_silent_is_not_blown_up_into_hiss_and_that_is_said(tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", tone(3, 0.0006), codec="pcm_f32le")
    heard = listen(Timeline(segments=(Segment(source=str(source), end=3),)))
    assert heard.loudness < -18
    assert "almost silent" in " ".join(heard.sound.warnings)


def test_silence_stays_silence_and_is_told(tmp_path: Path) -> None:
    heard = of(tmp_path, np.zeros(3 * RATE))
    assert np.abs(heard.samples).max() == 0
    assert heard.sound.level.loudness is None
    assert heard.sound.warnings == ("The source is silent in this span",)


@pytest.mark.parametrize("seconds", [0.04, 0.3, 1.0])
def test_a_very_short_sound_is_measured_as_a_whole(tmp_path: Path, seconds: float) -> None:
    heard = of(tmp_path, tone(seconds))
    assert heard.sound.level.true_peak is not None
    assert heard.sound.level.true_peak <= PEAK_LIMIT
    assert heard.samples.shape[1] == pytest.approx(round(seconds * 30) * RATE / 30, abs=1024)
