"""The levels of real sound files, and the child processes that read sounds and languages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from actors.transcriber.adapters.languages import languages_of
from actors.transcriber.adapters.levels import levels
from actors.transcriber.adapters.samples import RATE
from actors.transcriber.adapters.sounding import Soundings
from actors.transcriber.core.envelope import RATE as LEVELS
from actors.transcriber.settings import TranscriberSettings
from tests.transcriber.listening import Told, sound_file, tones


def tone(hertz: float, seconds: float = 1.0, level: float = 0.1) -> NDArray[np.float32]:
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(level * np.sqrt(2) * np.sin(2 * np.pi * hertz * t), np.float32)


def test_a_level_is_the_rms_of_the_voice_band_in_half_decibels_above_minus_100() -> None:
    told = levels(tone(1000))
    assert len(told) == LEVELS
    assert told[50] == pytest.approx(160, abs=1)  # an RMS of 0.1 is -20 dBFS


@pytest.mark.parametrize("hertz", [60, 7000])
def test_hum_and_hiss_are_no_voice(hertz: float) -> None:
    assert levels(tone(hertz))[50] < levels(tone(1000))[50] - 2 * 20


def test_silence_has_the_lowest_level() -> None:
    assert set(levels(np.zeros(RATE, np.float32))) == {0}


async def test_voices_are_found_where_a_file_is_loud(tmp_path: Path) -> None:
    path = sound_file(tmp_path / "a.mka", tones(30.0, *LOUD), codec="flac")
    sound = await Soundings(TranscriberSettings()).envelope(path, 30.0, Told())
    assert sound.duration == pytest.approx(30.0, abs=0.05)
    found = [(round(voice.start, 1), round(voice.end, 1)) for voice in sound.voices]
    assert found == [pytest.approx(span, abs=0.11) for span in LOUD]


LOUD = ((1.0, 3.0), (5.0, 8.0), (12.0, 14.0), (20.0, 24.0))


async def test_languages_are_told_for_each_text() -> None:
    told = await languages_of(["This is a sentence in English.", "Das ist ein Satz auf Deutsch."])
    assert [max(likely, key=lambda tongue: likely[tongue]) for likely in told] == ["en", "de"]


async def test_of_nothing_no_language_is_told() -> None:
    assert await languages_of([]) == []
