"""Which words stand together on a page and in a line, which carry weight, and soft captions."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.renderer.core import (
    Room,
    SpokenWord,
    caption_pages,
    caption_states,
    emphasised,
    lines_of,
    spoken,
    srt,
    vtt,
)
from actors.renderer.core.glue import atoms, glued
from contracts.text import columns

TEXTS = ["a", "the", "word", "end.", "well,", "of", "incomprehensibilities", "ok?", "20", "%", "5", "km", "$", "3"]
TEXTS += ["million", "10", "000", "天気", "です。"]
rooms = st.builds(Room, width=st.integers(4, 40), space=st.just(1), lines=st.integers(1, 3), words=st.integers(1, 8))


@st.composite
def said(draw: st.DrawFn) -> list[SpokenWord]:
    words, t = [], draw(st.floats(0, 3))
    for text in draw(st.lists(st.sampled_from(TEXTS), max_size=40)):
        t += draw(st.sampled_from([0.0, 0.0, 0.1, 0.3, 1.0]))
        length = draw(st.sampled_from([0.0, 0.1, 0.25, 0.5]))
        words.append(SpokenWord(text, t, t + length))
        t += length
    return words


def wide(words: list[SpokenWord], room: Room) -> float:
    (page,) = caption_pages(words, 1e6, Room(1e6, room.space, 1, 1000))
    return sum(columns(word.text) for word in words) + room.space * sum(page.spaces)


@settings(max_examples=60, deadline=None)
@given(said(), rooms)
def test_every_word_is_on_exactly_one_page_in_order(words: list[SpokenWord], room: Room) -> None:
    pages = caption_pages(words, 100, room)
    assert [word for page in pages for word in page.words] == words
    assert [page.first for page in pages] == [*itertools.accumulate((len(page.words) for page in pages), initial=0)][
        :-1
    ]


@settings(max_examples=60, deadline=None)
@given(said(), rooms)
def test_no_line_is_wider_than_its_room_but_for_a_single_quantity(words: list[SpokenWord], room: Room) -> None:
    for page in caption_pages(words, 100, room):
        texts = [word.text for word in page.words]
        if len(atoms(texts)) == 1:
            continue
        assert len(page.words) <= room.words and len(page.lines) <= room.lines
        assert sum(page.lines) == len(page.words)
        borders = [0, *itertools.accumulate(page.lines)]
        for first, last in itertools.pairwise(borders):
            line = list(page.words[first:last])
            still = [SpokenWord(word.text, 0, 0) for word in line]
            assert wide(still, room) <= room.width or len(atoms([word.text for word in line])) == 1


@settings(max_examples=60, deadline=None)
@given(said(), rooms)
def test_a_number_is_never_parted_from_its_unit(words: list[SpokenWord], room: Room) -> None:
    groups = atoms([word.text for word in words])
    starts = {first for first, _ in groups}
    for page in caption_pages(words, 100, room):
        assert page.first in starts
        for border in itertools.accumulate(page.lines[:-1]):
            assert page.first + border in starts


@settings(max_examples=60, deadline=None)
@given(said(), st.floats(0.5, 30))
def test_states_are_in_order_without_overlap_and_cover_every_page(words: list[SpokenWord], duration: float) -> None:
    short = spoken(words, 0.0, duration)
    pages = caption_pages(short, duration)
    frames = round(duration * 30)
    states = caption_states(pages, 30, frames)
    assert all(one.last <= other.first for one, other in itertools.pairwise(states))
    assert all(0 <= state.first < state.last <= frames for state in states)
    for one, other in itertools.pairwise(states):
        if one.page == other.page:
            assert one.last == other.first


@settings(max_examples=60, deadline=None)
@given(said())
def test_captions_never_vanish_for_less_than_a_quarter_of_a_second(words: list[SpokenWord]) -> None:
    for page, following in itertools.pairwise(caption_pages(words, 100)):
        assert following.start - page.end <= 1e-9 or following.start - page.end >= 0.25 - 1e-9


QUANTITIES = """20 %|5 km|5 km,|$ 3|$3 million|3 million|10 000|3,5 kg.|(20 %)|10 Uhr|€ 20|1 000,|100 °C|5 лет|3 万円"""


@pytest.mark.parametrize(("before", "word"), [tuple(each.split(" ")) for each in QUANTITIES.split("|")])
def test_quantities_belong_together(before: str, word: str) -> None:
    assert glued(before, word)


@pytest.mark.parametrize(
    ("before", "word"), [("2024.", "5"), ("in", "2024"), ("20", "people"), ("km", "away"), ("1000", "200"), ("a", "%")]
)
def test_other_words_do_not(before: str, word: str) -> None:
    assert not glued(before, word)


def pages_of(text: str, room: Room, each: float = 0.3) -> list[str]:
    words = [SpokenWord(word, n * each, (n + 1) * each) for n, word in enumerate(text.split())]
    return [page.text for page in caption_pages(words, 100, room)]


def test_pages_end_with_sentences_and_clauses_and_not_with_articles() -> None:
    room = Room(20, 1, 1, 4)
    assert pages_of("Stop. You won't believe this, but the answer is here", room) == [
        "Stop.",
        "You won't",
        "believe this,",
        "but the answer",
        "is here",
    ]


def test_words_that_are_said_too_fast_to_be_read_share_a_page() -> None:
    words = [SpokenWord("No.", 0, 0.1), SpokenWord("Yes.", 0.1, 0.2), SpokenWord("Well", 2, 2.5)]
    assert [page.text for page in caption_pages(words, 5)] == ["No. Yes.", "Well"]


def test_lines_are_nearly_even() -> None:
    words = [SpokenWord(text, 0, 0) for text in ("what", "nobody", "ever", "tells", "you")]
    widths = [float(len(word.text)) for word in words]
    assert lines_of(words, widths, (False, True, True, True, True), Room(18, 1, 2, 9)) == (2, 3)


def test_numbers_capitals_and_cries_carry_weight_but_only_few_of_them() -> None:
    text = [
        "so",
        "we",
        "walked",
        "about",
        "20",
        "km",
        "in",
        "one",
        "day",
        "and",
        "it",
        "was",
        "REALLY",
        "hard",
        "but",
        "then",
        "we",
        "came",
        "home",
        "again",
    ]
    words = [SpokenWord(word, float(n), n + 1.0) for n, word in enumerate(text)]
    assert [text[n] for n in emphasised(words)] == ["20", "REALLY"]


@settings(max_examples=60, deadline=None)
@given(said())
def test_at_most_one_word_in_six_carries_weight(words: list[SpokenWord]) -> None:
    places = emphasised(words)
    assert len(places) <= -(-len(words) // 6)
    assert list(places) == sorted(set(places))
    assert all(other - one >= 3 for one, other in itertools.pairwise(places))


def test_a_plain_sentence_has_no_weighty_word() -> None:
    assert emphasised([SpokenWord(word, 0, 0) for word in ["so", "this", "is", "how", "it", "is"]]) == ()


def test_webvtt_has_the_time_of_every_word() -> None:
    words = [SpokenWord("Tom", 0.5, 0.9), SpokenWord("&", 1.0, 1.25), SpokenWord("Ann", 3661.5, 3662)]
    assert vtt(words, 3662.1) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.600\nTom <00:00:01.000>&amp;\n\n01:01:01.500 --> 01:01:02.100\nAnn\n"
    )


@settings(max_examples=60, deadline=None)
@given(said(), st.floats(0.5, 30))
def test_soft_captions_have_every_word_and_their_times_only_grow(words: list[SpokenWord], duration: float) -> None:
    short = spoken(words, 0.0, duration)
    text = vtt(short, duration)
    shown = re.sub(r"<[\d:.]+>|\d\d:[\d:.]+ --> [\d:.]+|WEBVTT|\s", "", text)
    assert shown == "".join(word.text for word in short)
    assert [line for line in srt(short, duration).splitlines() if " --> " in line] == [
        line.replace(".", ",") for line in text.splitlines() if " --> " in line
    ]
    times = re.findall(r"\d\d:\d\d:\d\d\.\d{3}", re.sub(r"<[^>]+>", "", text))
    assert times == sorted(times)
    for cue in text.split("\n\n")[1:]:
        begin, end, *stamps = re.findall(r"\d\d:\d\d:\d\d\.\d{3}", cue)
        assert begin < end
        assert stamps == sorted(set(stamps)) and all(begin < stamp < end for stamp in stamps)


@pytest.mark.parametrize("make", [srt, vtt])
def test_a_quantity_stays_in_one_line_of_a_soft_caption(make: object) -> None:
    assert callable(make)
    text = [
        "It",
        "is",
        "a",
        "rather",
        "long",
        "way",
        "from",
        "here",
        "to",
        "there",
        "of",
        "20",
        "km",
        "and",
        "then",
        "it",
        "goes",
        "on",
        "and",
        "on",
    ]
    words = [SpokenWord(word, n * 0.2, (n + 1) * 0.2) for n, word in enumerate(text)]
    plain = re.sub(r"<[\d:.]+>", "", make(words, 10))
    assert "20 km" in plain
