"""Sound out of any file: channels, rates, codecs, and what is broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from actors.renderer.adapters.sound.samples import read_span
from contracts.timeline import Effect, Music, Segment, SoundPlan, Timeline, Voice
from runtime.errors import Reject
from tests.renderer.hearing import RATE, beeping, listen, talking, tone, write


def raw(path: Path, start: float, seconds: float) -> np.ndarray:
    return np.hstack(list(read_span(path, start, round(seconds * RATE))))


def level(row: np.ndarray) -> float:
    return float(np.sqrt(np.mean(row[RATE // 10 : -RATE // 10] ** 2)) * np.sqrt(2))


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000, 192000])
def test_any_rate_is_heard_at_its_pitch_and_place(tmp_path: Path, rate: int) -> None:
    samples = tone(2, 0.3, 1000, rate)
    samples[: rate // 2] = 0
    heard = raw(write(tmp_path / "a.wav", samples, rate=rate), 0.25, 1.0)
    begins = np.flatnonzero(np.abs(heard[0]) > 0.03)[0] / RATE
    assert begins == pytest.approx(0.25, abs=0.001)
    crossings = np.count_nonzero(np.diff(np.signbit(heard[0, RATE // 2 :])))
    assert crossings == pytest.approx(1000, abs=3)


def test_a_mono_file_is_heard_in_both_ears_at_its_level(tmp_path: Path) -> None:
    heard = raw(write(tmp_path / "a.wav", tone(1, 0.3)), 0, 1)
    assert level(heard[0]) == pytest.approx(0.3, rel=0.02)
    assert np.array_equal(heard[0], heard[1])


@pytest.mark.parametrize(
    ("layout", "channel", "left", "right"),
    [
        ("5.1", 0, 1.0, 0.0),
        ("5.1", 2, 0.707, 0.707),  # the centre, which is where people speak
        ("5.1", 3, 0.0, 0.0),  # low frequencies: left out
        ("5.1", 4, 0.707, 0.0),
        ("7.1", 2, 0.707, 0.707),
        ("7.1", 7, 0.0, 0.707),
    ],
)
def test_surround_is_mixed_down_with_its_centre(
    tmp_path: Path, layout: str, channel: int, left: float, right: float
) -> None:
    rows = np.zeros((6 if layout == "5.1" else 8, RATE), np.float32)
    rows[channel] = tone(1, 0.3)
    path = write(tmp_path / "a.wav", rows, layout=layout, codec="pcm_f32le")
    heard = raw(path, 0, 1)
    assert level(heard[0]) == pytest.approx(0.3 * left, rel=0.03, abs=1e-4)
    assert level(heard[1]) == pytest.approx(0.3 * right, rel=0.03, abs=1e-4)


def test_integers_and_floats_of_six_channels_are_mixed_alike(tmp_path: Path) -> None:
    rows = np.vstack([tone(1, 0.2, 200 + 100 * n) for n in range(6)])
    found = [
        raw(write(tmp_path / f"{codec}.wav", rows, layout="5.1", codec=codec), 0, 1)
        for codec in ("pcm_s16le", "pcm_f32le")
    ]
    assert np.abs(found[0] - found[1]).max() < 2e-3


def test_sound_in_one_ear_only_is_played_in_both_and_that_is_said(tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", np.vstack([np.zeros(3 * RATE), talking(3)]))
    heard = listen(Timeline(segments=(Segment(source=str(source), end=3),)))
    assert heard.loudness == pytest.approx(-14, abs=0.5)
    assert heard.sound.warnings == ("The sound was in one ear only: it is now in both",)
    assert np.abs(heard.samples[0] - heard.samples[1]).max() < 0.02


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.ogg", "libopus")])
def test_files_of_sound_alone_are_read_at_their_place(tmp_path: Path, name: str, codec: str) -> None:
    source = write(tmp_path / name, beeping(2, (1.0,)), codec=codec)
    heard = raw(source, 0.5, 1)
    assert np.flatnonzero(np.abs(heard[0]) > 0.1)[0] / RATE == pytest.approx(0.5, abs=0.004)


def test_broken_packets_are_gaps_and_what_follows_stays_in_place(tmp_path: Path) -> None:
    path = write(tmp_path / "a.m4a", beeping(4, (0.5, 3.0)) + tone(4, 0.03), codec="aac")
    body = bytearray(path.read_bytes())
    begin = body.index(b"mdat") + 4
    size = int.from_bytes(body[begin - 8 : begin - 4], "big")
    damaged = np.random.default_rng(5).integers(0, 256, size // 6, np.uint8).tobytes()
    place = begin + size * 2 // 5
    body[place : place + len(damaged)] = damaged
    path.write_bytes(body)
    heard = raw(path, 0, 4)
    assert heard.shape == (2, 4 * RATE)
    late = np.flatnonzero(np.abs(heard[0, round(2.9 * RATE) :]) > 0.1)[0] / RATE + 2.9
    assert late == pytest.approx(3.0, abs=0.002)


def test_a_span_beyond_the_end_is_silence(tmp_path: Path) -> None:
    heard = raw(write(tmp_path / "a.wav", tone(1)), 0.5, 2)
    assert np.abs(heard[:, : RATE // 4]).max() > 0.05
    assert np.abs(heard[:, RATE:]).max() == 0


def test_what_begins_behind_the_end_of_its_file_is_told(tmp_path: Path) -> None:
    source = str(write(tmp_path / "a.wav", tone(3)))
    short = str(write(tmp_path / "b.wav", tone(2)))
    sound = SoundPlan(
        voices=(Voice(source=short, start=1.5), Voice(source=short, start=2.5)), music=Music(source=short, start=90)
    )
    heard = listen(Timeline(segments=(Segment(source=source, end=3),), sound=sound))
    assert heard.sound.warnings == (
        "sound.voices.1 is never heard: b.wav ends before 2.50 s",
        "sound.music is never heard: b.wav ends before 90.00 s",
    )


def test_sources_without_sound_are_silent_and_the_others_are_heard(tmp_path: Path) -> None:
    silent = write_picture_only(tmp_path / "mute.mp4")
    loud = write(tmp_path / "a.wav", tone(1))
    segments = (Segment(source=str(silent), end=1), Segment(source=str(loud), end=1))
    heard = listen(Timeline(segments=segments))
    assert np.abs(heard.samples[:, : round(0.97 * RATE)]).max() < 1e-3
    assert heard.band(440, 1.2, 1.8) > -20
    assert heard.sound.warnings == ("mute.mp4 has no sound",)
    alone = listen(Timeline(segments=segments[:1]))
    assert alone.sound.warnings == ("The source has no sound: the short has a silent track",)
    assert np.abs(alone.samples).max() == 0


def write_picture_only(path: Path) -> Path:
    from tests.renderer.media import Film, make

    return make(path, Film(width=64, height=64, seconds=1))


@pytest.mark.parametrize("kind", ["music", "effects"])
def test_a_file_that_is_no_sound_is_refused_by_its_name(tmp_path: Path, kind: str) -> None:
    good = write(tmp_path / "a.wav", tone(1))
    bad = tmp_path / "notes.mp3"
    bad.write_text("la la la\n" * 100)
    plan = (
        SoundPlan(music=Music(source=str(bad)))
        if kind == "music"
        else SoundPlan(effects=(Effect(source=str(bad), at=0),))
    )
    with pytest.raises(Reject, match=r"notes\.mp3 is not a readable sound"):
        listen(Timeline(segments=(Segment(source=str(good), end=1),), sound=plan))
