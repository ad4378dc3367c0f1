"""The choice of moments: never inside a word, never overlapping, as many as fit."""

from __future__ import annotations

import itertools
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.vlm.core import choose
from actors.vlm.ports import STEP, Sight
from contracts.media import Sentence, Transcript, Word
from contracts.sight import LoudnessPoint, Moment, Shot


def a_sight(duration: float, cuts: tuple[float, ...] = (), *, lufs: float | None = -20.0, faces: float = 0.0) -> Sight:
    edges = [0.0, *cuts, duration]
    steps = max(1, int(duration / STEP))
    return Sight(
        made_from="0" * 64,
        method="test/1",
        duration=duration,
        shots=tuple(Shot(start=a, end=b, brightness=0.5, motion=0.1) for a, b in itertools.pairwise(edges) if b > a),
        loudness=() if lufs is None else tuple(LoudnessPoint(t=i * STEP, lufs=lufs) for i in range(steps)),
        motion=(0.1,) * steps,
        faces=(faces,) * steps,
    )


def a_transcript(sentences: list[tuple[float, str]], *, rate: float = 2.5) -> Transcript:
    """Sentences that start at the given times, their words one after the other with small gaps."""
    words: list[Word] = []
    spans: list[Sentence] = []
    for start, text in sentences:
        first = len(words)
        for index, piece in enumerate(text.split()):
            at = start + index / rate
            words.append(Word(text=piece, start=round(at, 3), end=round(at + 0.8 / rate, 3)))
        spans.append(Sentence(first=first, last=len(words) - 1, start=words[first].start, end=words[-1].end, text=text))
    return Transcript(
        clip_id="file:x", language="en", method="test", timing="word", words=tuple(words), sentences=tuple(spans)
    )


def moments(
    duration: float, transcript: Transcript | None = None, wanted: int = 4, **sight: object
) -> tuple[Moment, ...]:
    return choose(
        a_sight(duration, **sight),  # type: ignore[arg-type]  # keyword arguments of the helper above
        transcript,
        duration=duration,
        wanted=wanted,
        title="A clip",
    )


def in_order(found: tuple[Moment, ...]) -> list[Moment]:
    return sorted(found, key=lambda m: m.start)


@st.composite
def speeches(draw: st.DrawFn) -> tuple[float, Transcript]:
    """A clip of up to five minutes with words of any length, gaps of any length, and sentences of any length."""
    at, words, spans, first = draw(st.floats(0, 5)), [], [], 0
    for _ in range(draw(st.integers(0, 120))):
        length = draw(st.floats(0.05, 1.2))
        words.append(
            Word(text=draw(st.sampled_from(["why", "and", "bees", "42", "dance."])), start=at, end=at + length)
        )
        at += length + draw(st.sampled_from([0.0, 0.02, 0.1, 0.4, 1.0, 6.0]))
        if draw(st.booleans()):
            spans.append(
                Sentence(first=first, last=len(words) - 1, start=words[first].start, end=words[-1].end, text="s")
            )
            first = len(words)
    made = Transcript(
        clip_id="file:x", language="en", method="t", timing="word", words=tuple(words), sentences=tuple(spans)
    )
    return draw(st.floats(0.1, max(1.0, at + 30))), made


@settings(max_examples=80, deadline=None)
@given(speeches(), st.integers(1, 9), st.lists(st.floats(0.3, 300), max_size=30))
def test_moments_lie_inside_the_clip_overlap_nowhere_and_cut_no_word(
    speech: tuple[float, Transcript], wanted: int, cuts: list[float]
) -> None:
    duration, transcript = speech
    inside = tuple(sorted({round(cut, 3) for cut in cuts if cut < duration}))
    found = in_order(moments(duration, transcript, wanted, cuts=inside))
    assert all(0 <= m.start < m.end <= duration + 0.001 for m in found)
    assert all(a.end <= b.start + 0.002 for a, b in itertools.pairwise(found))
    for word in transcript.words:
        for moment in found:
            for edge in (moment.start, moment.end):
                assert not word.start + 0.001 < edge < min(word.end, duration) - 0.001, (word, moment)


@settings(max_examples=30, deadline=None)
@given(st.floats(5, 600), st.integers(1, 8), st.lists(st.floats(0.5, 600), max_size=60))
def test_silent_clips_give_as_many_moments_as_fit(duration: float, wanted: int, cuts: list[float]) -> None:
    inside = tuple(sorted({round(cut, 3) for cut in cuts if cut < duration - 0.5}))
    found = moments(duration, None, wanted, cuts=inside, lufs=None)
    assert len(found) >= min(wanted, max(1, int(duration / 9)))
    assert all(m.end - m.start >= min(5, duration) - 0.002 for m in found)


@settings(max_examples=20, deadline=None)
@given(speeches(), st.integers(1, 6))
def test_the_same_clip_gives_the_same_moments(speech: tuple[float, Transcript], wanted: int) -> None:
    duration, transcript = speech
    assert moments(duration, transcript, wanted) == moments(duration, transcript, wanted)


def test_half_a_minute_with_four_wanted_gives_four_moments_of_about_seven_seconds() -> None:
    found = moments(30.0, wanted=4)
    assert len(found) == 4
    assert all(5 <= m.end - m.start <= 11 for m in found)


@pytest.mark.parametrize("duration", [1.0, 3.2, 5.0])
def test_a_clip_of_a_few_seconds_is_one_moment(duration: float) -> None:
    (only,) = moments(duration)
    assert (only.start, only.end) == (0.0, duration)


def test_less_than_a_second_is_no_moment() -> None:
    assert moments(0.9) == ()


@pytest.mark.parametrize("duration", [180.0, 400.0])
@pytest.mark.parametrize("talking", [True, False])
def test_three_minutes_give_at_least_four_moments_of_normal_length(duration: float, talking: bool) -> None:
    lines = [(t, "Bees know nine things about flowers and dance for them.") for t in range(1, int(duration) - 5, 5)]
    found = moments(duration, a_transcript([(float(t), line) for t, line in lines]) if talking else None)
    assert len(found) >= 4
    assert all(15 <= m.end - m.start <= 60 for m in found)


def test_best_come_first() -> None:
    scores = [m.score for m in moments(300.0, cuts=(31.0, 77.0, 120.0, 200.0))]
    assert scores == sorted(scores, reverse=True)


def test_ten_hours_of_silence_are_quick() -> None:
    began = perf_counter()
    assert len(moments(36000.0, lufs=None)) == 8
    assert perf_counter() - began < 10


def test_ten_hours_of_speech_are_quick() -> None:
    lines = [(float(t), "And here is one more thing that nobody ever told you.") for t in range(0, 35990, 5)]
    transcript = a_transcript(lines)
    began = perf_counter()
    assert len(moments(36000.0, transcript)) == 8
    assert perf_counter() - began < 20
