"""Cutting a recording into parts, and putting together what was heard in them."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.transcriber.core.stitch import Part, parted, stitched
from contracts.media import Stretch, Word

OVERLAP = 2.0


@st.composite
def speeches(draw: st.DrawFn) -> list[Stretch]:
    at, speech = 0.0, []
    for _ in range(draw(st.integers(0, 30))):
        at += draw(st.floats(0.1, 90))
        length = draw(st.floats(0.1, 120))
        speech.append(Stretch(start=at, end=at + length))
        at += length
    return speech


@st.composite
def words_and_parts(draw: st.DrawFn) -> tuple[list[Word], list[Part]]:
    """Words of 0.1 to 1.5 s, some said twice in a row; parts that overlap by 2 s, wherever that is."""
    at, words = 0.0, []
    for _ in range(draw(st.integers(1, 60))):
        at += draw(st.floats(0.0, 1.0))
        length = draw(st.floats(0.1, 1.5))
        words.append(Word(text=draw(st.sampled_from(["no", "yes", "well,", "Well", "so"])), start=at, end=at + length))
        at += length
    parts, start = [], 0.0
    while start < at:
        end = start + draw(st.floats(2 * OVERLAP + 0.1, 30))
        parts.append(Part(start, end))
        start = end - OVERLAP
    return words, parts


def heard(words: list[Word], part: Part) -> list[Word]:
    return [word for word in words if part.start <= word.start and word.end <= part.end]


@settings(deadline=None)
@given(words_and_parts())
def test_words_that_were_cut_anywhere_are_the_same_words_again(case: tuple[list[Word], list[Part]]) -> None:
    words, parts = case
    assert stitched([(part, heard(words, part)) for part in parts]) == words


@settings(deadline=None)
@given(words_and_parts(), st.randoms(use_true_random=False))
def test_other_times_and_spellings_in_each_part_change_no_word(
    case: tuple[list[Word], list[Part]], chance: Random
) -> None:
    words, parts = case
    said = [word.model_copy(update={"text": f"w{i}"}) for i, word in enumerate(words)]
    jitter = [(part, [_blurred(word, chance) for word in heard(said, part)]) for part in parts]
    assert [word.text.lower().strip(",") for word in stitched(jitter)] == [word.text for word in said]


def _blurred(word: Word, chance: Random) -> Word:
    by = chance.uniform(-0.04, 0.04)
    text = chance.choice([word.text, word.text.upper(), f"{word.text},"])
    return word.model_copy(
        update={"text": text, "start": max(0.0, word.start + by), "end": max(word.end + by, by, 0.1)}
    )


def test_a_word_that_is_cut_in_two_at_the_edge_is_that_of_the_part_that_has_it_whole() -> None:
    before = [
        Word(text="one", start=8, end=8.4),
        Word(text="two", start=8.6, end=9),
        Word(text="thr", start=9.8, end=10),
    ]
    after = [
        Word(text="e", start=8, end=8.3),
        Word(text="Two", start=8.6, end=9),
        Word(text="three", start=9.8, end=10.3),
    ]
    words = stitched([(Part(0, 10), before), (Part(8, 20), after)])
    assert [word.text for word in words] == ["one", "two", "three"]


def test_parts_that_hear_quite_different_words_are_joined_in_the_middle() -> None:
    before = [Word(text="a", start=8.1, end=8.4), Word(text="b", start=9.5, end=9.8)]
    after = [Word(text="c", start=8.2, end=8.4), Word(text="d", start=9.4, end=9.8)]
    words = stitched([(Part(0, 10), before), (Part(8, 20), after)])
    assert [word.text for word in words] == ["a", "d"]


@settings(deadline=None)
@given(speeches(), st.floats(10, 60))
def test_parts_hold_all_speech_and_are_no_longer_than_they_may_be(speech: list[Stretch], longest: float) -> None:
    duration = speech[-1].end + 5 if speech else 5.0
    parts = parted(speech, duration, longest=longest, apart=20, overlap=OVERLAP)
    assert all(0 <= part.start < part.end <= duration for part in parts)
    assert all(part.end - part.start <= longest + 1e-6 for part in parts)
    assert all(a.start < b.start and a.end < b.end for a, b in pairwise(parts))
    for stretch in speech:
        covered, at = 0.0, stretch.start
        for part in parts:
            covered += max(0.0, min(part.end, stretch.end) - max(part.start, at))
            at = max(at, min(part.end, stretch.end))
        assert covered >= stretch.end - stretch.start - 1e-6


@settings(deadline=None)
@given(speeches())
def test_long_silences_are_in_no_part(speech: list[Stretch]) -> None:
    duration = speech[-1].end + 100 if speech else 100.0
    parts = parted(speech, duration, longest=30, apart=20)
    for a, b in pairwise(speech):
        if b.start - a.end >= 20:
            middle = (a.end + b.start) / 2
            assert not any(part.start <= middle <= part.end for part in parts)


def test_a_long_part_is_cut_in_its_widest_silence() -> None:
    speech = [Stretch(start=0, end=18), Stretch(start=18.2, end=25), Stretch(start=26, end=40)]
    assert parted(speech, 60, longest=30, apart=5) == [Part(0, 25.5), Part(25.5, 40.3)]


def test_without_a_silence_neighbours_share_a_little() -> None:
    parts = parted([Stretch(start=0, end=50)], 60, longest=30, apart=5)
    assert parts == [Part(0, 30), Part(28, 50.3)]


def test_silence_has_no_parts() -> None:
    assert parted([], 36000, longest=30, apart=5) == []
