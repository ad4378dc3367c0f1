"""The sound of a timeline: everything at its place, at its level, without a click."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.renderer.core.schedule import schedule
from contracts.media import Word
from contracts.style import Transition
from contracts.timeline import Canvas, CaptionPlan, Effect, Music, Segment, SoundPlan, Timeline, Voice
from tests.renderer.hearing import RATE, beeping, listen, talking, tone, write

BEEP = 0.08


def onsets(samples: Any, share: float = 0.25) -> list[float]:
    """Seconds at which something begins after at least 40 ms without it."""
    row = np.abs(samples[0])
    places = np.flatnonzero(row > share * row.max())
    return [float(places[n]) / RATE for n in range(len(places)) if n == 0 or places[n] - places[n - 1] > RATE // 25]


def clicks(samples: Any, pitch: float) -> float:
    """The sharpest corner of what should be a sine, against the corners of the sine itself (1: none)."""
    curve = np.abs(np.diff(samples[0], 2)).max()
    return float(curve / (np.abs(samples[0]).max() * (2 * np.pi * pitch / RATE) ** 2))


def test_segments_are_heard_when_they_are_seen(tmp_path: Path) -> None:
    source = str(write(tmp_path / "a.wav", beeping(6, (0.5, 2.5, 4.5))))
    segments = (
        Segment(source=source, start=4.25, end=5),
        Segment(source=source, start=0.1, end=1.13),
        Segment(source=source, start=2, end=3),
    )
    timeline = Timeline(canvas=Canvas(width=64, height=64, fps=25), segments=segments)
    heard = listen(timeline)
    plan = schedule(timeline)
    wanted = [cut.first / 25 + at - cut.start for cut, at in zip(plan.cuts, (4.5, 0.5, 2.5), strict=True)]
    assert onsets(heard.samples) == pytest.approx(wanted, abs=0.001)
    assert heard.samples.shape[1] == pytest.approx(plan.frames * RATE / 25, abs=1024)


@pytest.mark.parametrize(
    ("speed", "ground"),
    [
        (0.25, "speech"),
        (0.5, "silence"),
        (0.9, "speech"),
        (1.1, "silence"),
        (1.5, "speech"),
        (2, "silence"),
        (4, "speech"),
    ],
)
def test_beeps_stay_in_their_place_at_any_speed(tmp_path: Path, speed: float, ground: str) -> None:
    places = (0.3, 0.75, 1.4)
    samples = beeping(2, places) + (0.02 * talking(2) if ground == "speech" else 0)
    source = str(write(tmp_path / "a.wav", samples))
    heard = listen(Timeline(segments=(Segment(source=source, start=0.2, end=2, speed=speed),)))
    assert onsets(heard.samples) == pytest.approx([(place - 0.2) / speed for place in places], abs=0.001)


@pytest.mark.parametrize("speed", [0.5, 1.25, 2.0])
def test_another_speed_keeps_the_pitch_and_does_not_click(tmp_path: Path, speed: float) -> None:
    source = str(write(tmp_path / "a.wav", tone(3, pitch=220)))
    heard = listen(Timeline(segments=(Segment(source=source, start=0.2, end=2.2, speed=speed),)))
    middle = heard.samples[:, RATE // 10 : round(1.9 / speed * RATE)]
    spectrum = np.abs(np.fft.rfft(middle[0] * np.hanning(middle.shape[1])))
    assert np.argmax(spectrum) * RATE / middle.shape[1] == pytest.approx(220, abs=2)
    assert clicks(middle, 220) < 1.5


def test_through_a_transition_both_are_heard_at_even_power(tmp_path: Path) -> None:
    low, high = write(tmp_path / "low.wav", tone(3, pitch=300)), write(tmp_path / "high.wav", tone(3, pitch=3000))
    segments = (
        Segment(source=str(low), end=2),
        Segment(source=str(high), start=0.5, end=2.5, transition=Transition(seconds=1)),
    )
    heard = listen(Timeline(segments=segments))
    assert heard.band(3000, 0, 0.95) < -60
    assert heard.band(300, 2.05, 3) < -60
    before = heard.band(300, 0.3, 0.7)
    assert heard.band(300, 1.46, 1.54) == pytest.approx(before - 3, abs=0.7)
    assert heard.band(3000, 1.46, 1.54) == pytest.approx(before - 3, abs=0.7)
    power = [
        np.mean(heard.samples[0, round(t * RATE) : round((t + 0.1) * RATE)] ** 2) for t in (0.5, 1.1, 1.45, 1.8, 2.5)
    ]
    assert 10 * np.log10(max(power) / min(power)) < 0.5


def test_beeps_around_a_transition_are_in_their_places(tmp_path: Path) -> None:
    one = str(write(tmp_path / "one.wav", beeping(3, (0.4, 1.8))))
    other = str(write(tmp_path / "two.wav", beeping(3, (0.85, 1.6))))
    segments = (
        Segment(source=one, end=2),
        Segment(source=other, start=0.5, end=2, transition=Transition(seconds=0.4)),
    )
    heard = listen(Timeline(segments=segments))
    assert onsets(heard.samples, 0.1) == pytest.approx([0.4, 1.8, 1.95, 2.7], abs=0.001)


def test_a_cut_does_not_click_and_a_cut_that_is_none_is_not_heard(tmp_path: Path) -> None:
    source = str(write(tmp_path / "a.wav", tone(4, pitch=200)))
    jump = (Segment(source=source, end=1), Segment(source=source, start=2.0125, end=3))
    assert clicks(listen(Timeline(segments=jump)).samples[:, 4800:-4800], 200) < 6
    through = (Segment(source=source, end=1), Segment(source=source, start=1, end=2))
    heard = listen(Timeline(segments=through)).samples
    assert clicks(heard[:, 4800:-4800], 200) < 1.5
    envelope = np.abs(heard[0, round(0.9 * RATE) : round(1.1 * RATE)]).reshape(-1, 480).max(axis=1)
    assert envelope.min() > 0.97 * envelope.max()


def test_volume_and_mute_are_of_a_segment(tmp_path: Path) -> None:
    source = str(write(tmp_path / "a.wav", tone(4)))
    segments = (
        Segment(source=source, end=1),
        Segment(source=source, end=1, volume=-12),
        Segment(source=source, end=1, mute=True),
    )
    heard = listen(Timeline(segments=segments))
    loud = heard.band(440, 0.1, 0.9)
    assert heard.band(440, 1.1, 1.9) == pytest.approx(loud - 12, abs=0.3)
    assert np.abs(heard.samples[:, round(2.03 * RATE) :]).max() < 1e-3


def test_voices_and_effects_come_at_their_times(tmp_path: Path) -> None:
    ground = str(write(tmp_path / "a.wav", 0.001 * tone(4)))
    beeps = str(write(tmp_path / "b.wav", beeping(2, (0.0, 0.5), pitch=2000)))
    plan = SoundPlan(
        voices=(Voice(source=beeps, at=1.0, start=0.4, end=0.9),),
        effects=(Effect(source=beeps, at=2.0, volume=0), Effect(source=beeps, at=3.7, volume=0)),
    )
    heard = listen(Timeline(segments=(Segment(source=ground, end=4),), sound=plan))
    assert onsets(heard.samples) == pytest.approx([1.1, 2.0, 2.5, 3.7], abs=0.001)


def bedded(path: Path, speech: Any, music: Music, words: tuple[Word, ...] = ()) -> Any:
    source = str(write(path / "speech.wav", speech))
    timeline = Timeline(
        segments=(Segment(source=source, end=len(speech) / RATE),),
        captions=CaptionPlan(words=words),
        sound=SoundPlan(music=music),
    )
    return listen(timeline)


@pytest.mark.parametrize("known", ["words", "level"])
def test_music_is_down_while_somebody_speaks_and_does_not_pump(tmp_path: Path, known: str) -> None:
    seconds = 8.0
    t = np.arange(round(seconds * RATE)) / RATE
    speech = np.zeros(len(t), np.float32)
    parts = [(2.0, 2.6), (3.0, 3.4), (3.9, 5.0)]
    for start, end in parts:
        speech += 0.2 * np.sin(2 * np.pi * 300 * t).astype(np.float32) * ((t >= start) & (t < end))
    words = tuple(Word(text="w", start=start, end=end) for start, end in parts) if known == "words" else ()
    bed = write(tmp_path / "music.wav", tone(seconds, 0.1, 3000))
    heard = bedded(tmp_path, speech, Music(source=str(bed), volume=-10, duck=12, fade=0.5), words)
    free = heard.band(3000, 0.7, 1.5)
    for start, end in ((2.0, 2.1), (2.6, 3.0), (3.4, 3.9), (4.8, 5.0)):
        assert heard.band(3000, start, end) == pytest.approx(free - 12, abs=0.7)
    assert heard.band(3000, 5.65, 6.5) == pytest.approx(free, abs=0.3)
    assert heard.band(3000, 0.0, 0.1) < free - 10
    assert heard.band(3000, 7.9, 8.0) < free - 10


def test_music_has_its_level_against_the_loudness_of_the_rest(tmp_path: Path) -> None:
    bed = write(tmp_path / "music.wav", tone(4, 0.5, 1000))
    heard = bedded(tmp_path, tone(4, 0.05, 990 / 1.5), Music(source=str(bed), volume=-20, duck=0, fade=0))
    # Both are sines at which the K weighting is almost flat: levels differ as the loudness does.
    assert heard.band(660, 1, 3) - heard.band(1000, 1, 3) == pytest.approx(20, abs=1.0)


def test_music_is_repeated_without_a_click_or_a_hole(tmp_path: Path) -> None:
    bed = write(tmp_path / "music.wav", tone(1.37, 0.2, 500))
    timeline = Timeline(
        segments=(
            Segment(source=str(bed), end=1.0, mute=True),
            Segment(source=str(bed), end=1.3, mute=True),
            Segment(source=str(bed), end=1.3, mute=True),
        ),
        sound=SoundPlan(music=Music(source=str(bed), fade=0)),
    )
    heard = listen(timeline)
    inner = heard.samples[:, 2400:-4800]
    assert clicks(inner, 500) < 1.6
    level = np.abs(inner[0, : inner.shape[1] // 480 * 480]).reshape(-1, 480).max(axis=1)
    assert level.min() > 0.1 * level.max()
    assert heard.loudness == pytest.approx(-14, abs=0.5)


def test_music_begins_at_its_second(tmp_path: Path) -> None:
    bed = write(tmp_path / "music.wav", np.concatenate([tone(1, 0.2, 500), tone(3, 0.2, 2000)]))
    heard = bedded(tmp_path, 0.0 * tone(2), Music(source=str(bed), start=1.0, fade=0))
    assert heard.band(2000, 0.1, 1.9) > -25
    assert heard.band(500, 0.1, 1.9) < -50
