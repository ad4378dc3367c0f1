"""Reading the sound of files at the times at which it is played, and finding where somebody speaks."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from actors.transcriber.adapters.samples import RATE, Reader, blocks
from actors.transcriber.adapters.sounding import Soundings
from actors.transcriber.core.speech import stretches
from actors.transcriber.ports import CannotHear
from actors.transcriber.settings import TranscriberSettings
from cli.sample.speech import speak
from tests.transcriber.listening import Told, sound_file, tones

LOUD = ((1.0, 1.5), (40.0, 40.5), (61.0, 61.5))


def loud(samples: NDArray[np.float32], start: float = 0.0) -> list[float]:
    """When each tone begins."""
    level = np.abs(samples).reshape(-1, RATE // 100).max(axis=1) > 0.1
    edges = np.flatnonzero(level[1:] & ~level[:-1]) + 1
    return [round(start + edge * 0.01, 2) for edge in edges]


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [("a.wav", "pcm_s16le", 16000), ("a.mp4", "aac", 48000), ("a.mkv", "libopus", 48000), ("a.mp3", "mp3", 44100)],
)
def test_sound_is_read_at_the_times_at_which_it_is_played(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    path = sound_file(tmp_path / name, tones(65, *LOUD, rate=rate), codec=codec, rate=rate)
    whole = np.concatenate([block for _, block in blocks(str(path), end=65)])
    assert len(whole) == pytest.approx(65 * RATE, abs=2000)
    assert loud(whole[: 64 * RATE]) == pytest.approx([1.0, 40.0, 61.0], abs=0.06)
    part = Reader(str(path), 65).read(39.0, 42.0)
    assert len(part) == 3 * RATE
    assert loud(part, 39.0) == pytest.approx([40.0], abs=0.06)


def seconds_of(path: Path, samples: NDArray[np.int16], places: dict[int, int]) -> Path:
    """A file in which each second of the sound is played at another one."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for second, place in places.items():
            piece = samples[second * RATE : (second + 1) * RATE]
            frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), place * RATE
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_a_hole_in_the_sound_is_silent_and_moves_nothing(tmp_path: Path) -> None:
    samples = tones(6, (1.0, 1.5), (4.0, 4.5))
    path = seconds_of(tmp_path / "hole.mkv", samples, {0: 0, 1: 1, 2: 2, 3: 7, 4: 8, 5: 9})
    whole = np.concatenate([block for _, block in blocks(str(path), end=10, seconds=2)])
    assert len(whole) == 10 * RATE
    assert loud(whole) == pytest.approx([1.0, 8.0], abs=0.02)


def test_spans_that_overlap_or_lie_far_apart_are_read_by_one_reader(tmp_path: Path) -> None:
    path = sound_file(tmp_path / "a.mp4", tones(200, (10, 10.5), (12, 12.5), (190, 190.5)), codec="aac")
    reader = Reader(str(path), 200)
    assert loud(reader.read(9, 12), 9) == pytest.approx([10.0], abs=0.06)
    assert loud(reader.read(11, 14), 11) == pytest.approx([12.0], abs=0.06)
    assert loud(reader.read(189, 192), 189) == pytest.approx([190.0], abs=0.06)
    assert len(reader.read(199, 205)) == 6 * RATE


def test_a_broken_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = sound_file(tmp_path / "a.mp3", tones(20, (1, 1.5), rate=44100), codec="mp3", rate=44100)
    body = path.read_bytes()
    path.write_bytes(body[: len(body) // 2] + bytes(1000) + b"rubbish" * 300)
    whole = np.concatenate([block for _, block in blocks(str(path), end=20)])
    assert loud(whole[: len(whole) // 160 * 160]) == pytest.approx([1.0], abs=0.06)


async def test_whatever_is_loud_counts_where_silero_is_not_asked(tmp_path: Path) -> None:
    path = sound_file(tmp_path / "a.wav", tones(65, *LOUD), codec="pcm_s16le")
    told = Told()
    speech = await Soundings(TranscriberSettings(whisper_vad=False)).speech(path, 65.0, told)
    assert [stretch.start for stretch in speech] == pytest.approx([1.0, 40.0, 61.0], abs=0.04)
    assert [stretch.end for stretch in speech] == pytest.approx([1.5, 40.5, 61.5], abs=0.04)
    assert told.notes[0] == "looking for speech"
    assert told.shares[-1] == 1.0


async def test_tones_noise_and_silence_are_no_speech(tmp_path: Path) -> None:
    noise = (np.random.default_rng(1).standard_normal(16000 * 20) * 2000).astype(np.int16)
    samples = np.concatenate([tones(30, (2, 12)), noise, tones(10)])
    path = sound_file(tmp_path / "a.wav", samples, codec="pcm_s16le")
    assert await Soundings(TranscriberSettings()).speech(path, 60.0, Told()) == ()


async def test_ten_hours_of_silence_are_told_as_such(tmp_path: Path) -> None:
    path = seconds_of(tmp_path / "night.mkv", tones(2), {0: 0, 1: 35999})
    assert await Soundings(TranscriberSettings()).speech(path, 36000.0, Told()) == ()


async def test_reading_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    path = sound_file(tmp_path / "a.wav", tones(2), codec="pcm_s16le")
    with pytest.raises(CannotHear, match="CLIPWIRE_TRANSCRIBER_SOUND_TIMEOUT_S"):
        await Soundings(TranscriberSettings(transcriber_sound_timeout_s=0.01)).speech(path, 2.0, Told())


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), max_size=200))
def test_stretches_are_in_order_and_long_enough(probabilities: list[float]) -> None:
    found = list(stretches(probabilities, 0.032))
    assert all(stretch.end - stretch.start >= 0.1 for stretch in found)
    assert all(a.end < b.start for a, b in pairwise(found))
    assert all(stretch.end <= len(probabilities) * 0.032 for stretch in found)


def test_a_short_drop_does_not_end_a_stretch() -> None:
    [whole] = stretches([0.9] * 10 + [0.1] * 2 + [0.9] * 10, 0.03)
    assert (whole.start, round(whole.end, 3)) == (0.0, 0.66)


async def test_every_spoken_word_is_within_a_stretch_of_speech(tmp_path: Path) -> None:
    sentences = ["Nobody tells you this about saving money.", "Do you know what your bank does while you sleep?"]
    said = speak(sentences, [1.0, 2.0])
    path = sound_file(tmp_path / "a.mp4", np.frombuffer(said.pcm, np.int16), rate=said.rate, codec="aac")
    speech = await Soundings(TranscriberSettings()).speech(path, said.duration, Told())
    for _, start, end in (word for line in said.lines for word in line.words):
        assert any(stretch.start <= (start + end) / 2 <= stretch.end for stretch in speech)
    pause = (said.lines[0].end + said.lines[1].start) / 2
    assert not any(stretch.start <= pause <= stretch.end for stretch in speech)
