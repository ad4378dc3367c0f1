"""Captions against the sound: moved, aligned, refused, or left as they are."""

from __future__ import annotations

import random
from dataclasses import replace
from statistics import median

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actors.transcriber.core import Cue, Envelope, UnfitError, fitted, words_of
from actors.transcriber.core.cues import lines_of
from actors.transcriber.core.envelope import RATE
from actors.transcriber.core.shift import SCALES
from tests.transcriber.talks import Talk, captions_of, moved, talk

seeds = st.integers(0, 10_000)


def off(words: list[float], truth: Talk) -> list[float]:
    return [abs(start - word[1]) for start, word in zip(words, truth.words, strict=True)]


@settings(max_examples=10, deadline=None)
@given(seed=seeds, by=st.floats(-9, 9))
def test_captions_that_are_shifted_are_moved_back_within_a_seventh_of_a_second(seed: int, by: float) -> None:
    one = talk(seed)
    shifted = moved(captions_of(one, seed), by)
    fit = fitted(shifted, one.duration, sound=one.sound, language="en")
    if abs(by) >= 0.5:
        assert abs(fit.shift + by) < 0.15
        assert "moved by" in fit.notes[0]
    else:
        assert abs(fit.shift) < 0.65


def jumbled(cues: list[Cue], seed: int, most: float) -> list[Cue]:
    """Each caption early or late by chance, by up to `most` seconds: wrong one by one, right as a whole."""
    rng = random.Random(seed)
    return [
        replace(cue, start=max(0.0, cue.start + by), end=cue.end + by)
        for cue in cues
        if (by := rng.uniform(-most, most))
    ]


def test_captions_that_are_now_early_and_now_late_are_not_moved_as_a_whole() -> None:
    told = []
    for seed in range(18):
        one = talk(seed, 240.0)
        cues = jumbled(captions_of(one, seed), seed, 0.6)
        told.append(fitted(cues, one.duration, sound=one.sound, language="en").shift)
    assert told == [0.0] * 18


def test_sloppy_captions_that_are_late_as_a_whole_are_moved_by_what_they_have_in_common() -> None:
    wrong = []
    for seed in range(18):
        one = talk(seed, 240.0)
        cues = moved(jumbled(captions_of(one, seed), seed, 0.6), 2.0)
        wrong.append(abs(fitted(cues, one.duration, sound=one.sound, language="en").shift + 2.0))
    assert max(wrong) < 0.3


@pytest.mark.parametrize("by", [-3.0, 0.5, 2.0])
def test_a_shift_of_exact_captions_is_always_found_to_a_thirtieth_of_a_second(by: float) -> None:
    for seed in range(6):
        one = talk(seed)
        late = moved(captions_of(one, sloppy=0.0), by)
        assert fitted(late, one.duration, sound=one.sound, language="en").shift == pytest.approx(-by, abs=0.03)


@pytest.mark.parametrize("scale", [SCALES[0], SCALES[-1], SCALES[1]])
def test_captions_of_another_frame_rate_are_stretched(scale: float) -> None:
    one = talk(3, 300.0)
    fit = fitted(moved(captions_of(one), 1.0, 1 / scale), one.duration, sound=one.sound, language="en")
    assert "another frame rate" in fit.notes[0]
    starts = [word.start for word in fit.words]
    assert median(off(starts, one)) < 0.12


def test_a_shift_of_two_seconds_is_told_and_undone() -> None:
    one = talk(1)
    fit = fitted(moved(captions_of(one), 2.0), one.duration, sound=one.sound, language="en")
    assert fit.shift == pytest.approx(-2.0, abs=0.15)
    assert fit.notes == (f"The captions were moved by {fit.shift:+.2f} s to fit the sound.",)
    assert median(off([word.start for word in fit.words], one)) < 0.1


@settings(max_examples=4, deadline=None)
@given(seed=seeds)
def test_captions_of_another_talk_are_refused_where_the_sound_is_clear(seed: int) -> None:
    one, other = talk(seed, 240.0), talk(seed + 1, 240.0)
    with pytest.raises(UnfitError, match="belongs to another video"):
        fitted(captions_of(other), one.duration, sound=one.sound, language="en")


def test_captions_of_another_short_talk_are_refused_and_sloppy_ones_of_its_own_are_not_as_a_rule() -> None:
    """Two dozen captions tell less than a hundred do, and still whose they are."""
    refused = {"own": 0, "sloppy": 0, "another": 0}
    for seed in range(24):
        one, other = talk(seed, 75.0), talk(seed + 500, 75.0)
        own = captions_of(one, seed)
        for whose, cues in (("own", own), ("sloppy", jumbled(own, seed, 0.6)), ("another", captions_of(other, seed))):
            try:
                fitted(cues, one.duration, sound=one.sound, language="en")
            except UnfitError:
                refused[whose] += 1
    assert refused["own"] == 0
    assert refused["sloppy"] <= 3
    assert refused["another"] >= 20


def test_captions_that_go_on_long_after_the_end_are_refused() -> None:
    long = [Cue(n * 5.0, n * 5.0 + 3, f"line {n}") for n in range(100)]
    with pytest.raises(UnfitError, match="goes on for 378 seconds after the end of the video"):
        fitted(long, 120.0)


def test_captions_of_the_whole_film_are_right_for_its_beginning() -> None:
    whole = talk(5, 240.0)
    beginning = Envelope(whole.sound.levels[: 120 * RATE])
    fit = fitted(captions_of(whole), 120.0, sound=beginning, language="en")
    assert "what is said in the video fits" in fit.notes[0]
    assert fit.words[-1].end <= 120.0


def test_more_words_than_can_be_said_are_refused_at_once() -> None:
    with pytest.raises(UnfitError, match=r"has 3000 words for the 10\.0 seconds of the video: nobody speaks as fast"):
        fitted([Cue(1, 9, "word " * 3000)], 10.0)
    assert len(fitted([Cue(0.2, 0.9, "many words for one second, but a caption can be cut off")], 1.0).words) == 12


def test_captions_without_words_in_the_clip_are_refused() -> None:
    with pytest.raises(UnfitError, match=r"has no words within the 10\.0 seconds"):
        fitted([Cue(12, 14, "late")], 10.0)


SOUNDS = {
    "silence": Envelope(bytes(120 * RATE)),
    "hum": Envelope(bytes([90]) * (120 * RATE)),
    "music": Envelope(bytes(100 + (n % 50 < 25) * 15 for n in range(120 * RATE))),
    "nothing": None,
}


@pytest.mark.parametrize("name", SOUNDS)
def test_where_the_sound_does_not_tell_captions_are_left_as_they_are(name: str) -> None:
    cues = captions_of(talk(2))
    fit = fitted(cues, 120.0, sound=SOUNDS[name], language="en")
    assert (fit.words, fit.timing, fit.shift, fit.notes) == (words_of(cues, 120.0, "en")[0], "spread", 0.0, ())


@settings(max_examples=4, deadline=None)
@given(seed=seeds, keep=st.floats(0.1, 0.5))
def test_captions_of_some_of_the_sentences_are_not_refused(seed: int, keep: float) -> None:
    one = talk(seed, 240.0)
    rng = random.Random(seed)
    some = [cue for cue in captions_of(one, seed) if rng.random() < keep]
    if some:
        assert fitted(some, one.duration, sound=one.sound, language="en").words


@settings(max_examples=4, deadline=None)
@given(seed=seeds)
def test_captions_every_ten_seconds_are_not_refused(seed: int) -> None:
    one = talk(seed, 240.0)
    cues = []
    for n in range(24):
        said = [text for text, start, _ in one.words if n * 10 <= start < n * 10 + 10]
        if said:
            cues.append(Cue(n * 10.0, n * 10.0 + 10.0, " ".join(said)))
    assert fitted(cues, one.duration, sound=one.sound, language="en").words


@settings(max_examples=8, deadline=None)
@given(seed=seeds, sloppy=st.floats(0, 0.5), longest=st.integers(3, 30))
@example(seed=81, sloppy=0.0, longest=3)  # a word whose farthest begin is less than a rounding error too far away
def test_aligned_words_are_nearer_to_what_is_said(seed: int, sloppy: float, longest: int) -> None:
    one = talk(seed, 90.0)
    cues = captions_of(one, seed, sloppy=sloppy, longest=longest)
    fit = fitted(cues, one.duration, sound=one.sound, language="en")
    assert fit.timing == "aligned"
    before = median(off([word.start for word in words_of(cues, one.duration, "en")[0]], one))
    assert median(off([word.start for word in fit.words], one)) <= max(0.06, before)


times = st.floats(0, 90, allow_nan=False)
cues = st.builds(
    lambda start, lasts, text: Cue(start, start + lasts, text), times, st.floats(0.05, 30), st.text(max_size=60)
)


@settings(max_examples=30, deadline=None)
@given(given_cues=st.lists(cues, max_size=25), seed=st.integers(0, 20), duration=st.floats(1, 120))
def test_alignment_changes_neither_the_words_nor_their_order(given_cues: list[Cue], seed: int, duration: float) -> None:
    sound = Envelope(talk(seed, 100.0).sound.levels[: round(duration * RATE)])
    try:
        fit = fitted(given_cues, duration, sound=sound)
    except UnfitError:
        return
    if not fit.shift:
        said = [text for line in lines_of(given_cues, duration) for text, _ in line.words]
        got = [word.text for word in fit.words]
        assert got == said[: len(got)] or sorted(got) == sorted(said)
    for word, following in zip(fit.words, fit.words[1:], strict=False):
        assert word.start <= word.end <= following.start
    assert all(0 <= word.start <= word.end <= duration for word in fit.words)
