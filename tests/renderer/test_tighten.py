"""Speech without its pauses and its fillers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.renderer.core.tighten import SLACK, tighten
from contracts.media import Word
from contracts.spans import Span

TEXTS = st.sampled_from(["one", "two", "I", "um", "Uhhh,", "the", "rather", "äh"])
How = Literal["silences", "fillers"]


@st.composite
def speech(draw: st.DrawFn) -> tuple[float, float, list[Word]]:
    """A span and words in and around it, some of them overlapping as those of bad captions do."""
    clock, words = draw(st.floats(0, 3)), []
    for _ in range(draw(st.integers(0, 12))):
        clock = max(0.0, clock + draw(st.one_of(st.floats(-0.2, 0.3), st.floats(0, 4))))
        length = draw(st.floats(0, 0.8))
        words.append(Word(text=draw(TEXTS), start=clock, end=clock + length))
        clock += length
    start = draw(st.floats(0, 2))
    return start, start + draw(st.floats(0.2, 30)), words


def said(text: str, *, gap: float = 0.05, length: float = 0.3) -> list[Word]:
    """Words one after another; a number is a pause of so many seconds."""
    clock, words = 0.0, []
    for piece in text.split():
        if piece.replace(".", "").isdigit():
            clock += float(piece) - gap
            continue
        words.append(Word(text=piece, start=clock, end=clock + length))
        clock += length + gap
    return words


def moved(words: Iterable[Word], spans: Sequence[Span]) -> tuple[Word, ...]:
    """The words with their times after everything outside of `spans` was cut out; words cut out or into are gone."""
    if not spans:
        return ()
    first, last = spans[0][0], spans[-1][1]
    found: list[Word] = []
    clock = 0.0
    todo = sorted(words, key=lambda word: word.start)
    for start, end in spans:
        for word in todo:
            begin, finish = min(max(word.start, first), last), min(max(word.end, first), last)
            lost = finish - begin <= SLACK < word.end - word.start
            if not lost and start - SLACK <= begin and finish <= end + SLACK:
                place = clock + max(begin - start, 0.0)
                length = min(max(finish, begin), end) - max(begin, start)
                found.append(word.model_copy(update={"start": place, "end": place + max(length, 0.0)}))
        todo = [word for word in todo if word.start >= end - SLACK]
        clock += end - start
    return tuple(found)


def assert_near(spans: tuple[tuple[float, float], ...], *wanted: tuple[float, float]) -> None:
    assert [time for span in spans for time in span] == pytest.approx([time for span in wanted for time in span])


@given(speech(), st.sampled_from(["silences", "fillers"]), st.sampled_from(["en", "de-AT", None]))
def test_what_stays_is_in_order_apart_and_within_the_span(
    case: tuple[float, float, list[Word]], how: How, language: str | None
) -> None:
    start, end, words = case
    spans = tighten(start, end, words, how, language)
    assert spans
    assert all(start <= a < b <= end for a, b in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))


@given(speech())
def test_every_word_stays_whole_when_only_pauses_are_cut(case: tuple[float, float, list[Word]]) -> None:
    start, end, words = case
    spans = tighten(start, end, words, "silences", "en")
    inside = [word for word in words if word.end > start + 1e-3 and word.start < end - 1e-3]
    after = moved(inside, spans)
    assert sorted(word.text for word in after) == sorted(word.text for word in inside)
    for word in inside:
        a, b = max(word.start, start), min(word.end, end)
        assert any(first - 1e-6 <= a and b <= last + 1e-6 for first, last in spans)


@given(speech(), st.sampled_from(["silences", "fillers"]))
def test_words_keep_their_order_and_lie_within_the_result(case: tuple[float, float, list[Word]], how: How) -> None:
    start, end, words = case
    spans = tighten(start, end, words, how, "en")
    after = moved(words, spans)
    total = sum(b - a for a, b in spans)
    assert all(0 <= word.start <= word.end <= total + 1e-6 for word in after)
    starts = [word.start for word in after]
    assert all(b >= a - 1e-6 for a, b in pairwise(starts))


@given(speech(), st.sampled_from(["silences", "fillers"]))
def test_what_is_tight_stays_as_it_is(case: tuple[float, float, list[Word]], how: How) -> None:
    start, end, words = case
    spans = tighten(start, end, words, how, "en")
    total = sum(b - a for a, b in spans)
    again = tighten(0.0, total, moved(words, spans), how, "en")
    assert sum(b - a for a, b in again) == pytest.approx(total, abs=1e-6)


def test_a_long_pause_becomes_a_quarter_of_a_second() -> None:
    words = said("one 2.0 two 0.6 three")
    spans = tighten(0.0, words[-1].end, words, "silences")
    assert_near(spans, (0.0, 0.4), (2.15, words[-1].end))
    after = moved(words, spans)
    assert after[1].start - after[0].end == pytest.approx(0.25)
    assert after[2].start - after[1].end == pytest.approx(0.6)


def test_a_long_pause_at_either_end_goes_too() -> None:
    words = [Word(text="one", start=3.0, end=3.4)]
    assert_near(tighten(1.0, 6.0, words, "silences"), (2.85, 3.65))


@pytest.mark.parametrize(
    ("text", "language", "left"),
    [
        ("so um we go", "en", "so we go"),
        ("so Uhhh, we go", "en-GB", "so we go"),
        ("I I I think", "en", "I think"),
        ("no no no", "en", "no no no"),
        ("wir fahren um acht", "de", "wir fahren um acht"),
        ("wir ähm fahren", "de", "wir fahren"),
        ("um carro", "pt", "um carro"),
        ("eh bien euh oui", "fr", "eh bien oui"),
        ("este libro", "es", "este libro"),
        ("ну эээ да", "ru", "ну да"),
        ("いま えーと そう", "ja", "いま そう"),
        ("あの 人", "ja", "あの 人"),
        ("das um da", None, "das um da"),
        ("das äh da", None, "das da"),
    ],
)
def test_fillers_go_by_language_and_words_stay(text: str, language: str | None, left: str) -> None:
    words = said(text)
    spans = tighten(0.0, words[-1].end, words, "fillers", language)
    assert " ".join(word.text for word in moved(words, spans)) == left


def test_a_filler_takes_nothing_of_its_neighbours_and_leaves_nothing_of_itself() -> None:
    words = [
        Word(text="so", start=0.0, end=0.5),
        Word(text="um", start=0.52, end=0.9),
        Word(text="we", start=0.9, end=1.4),
    ]
    assert_near(tighten(0.0, 1.4, words, "fillers", "en"), (0.0, 0.52), (0.9, 1.4))
    assert tighten(0.0, 1.4, words, "silences", "en") == ((0.0, 1.4),)


def test_where_nothing_is_said_measured_silences_are_the_pauses() -> None:
    assert tighten(0.0, 9.0, (), "silences") == ((0.0, 9.0),)
    spans = tighten(0.0, 9.0, (), "silences", silences=((2.0, 4.0), (5.0, 5.3)))
    assert_near(spans, (0.0, 2.1), (3.85, 9.0))


def test_only_fillers_are_no_reason_to_keep_nothing() -> None:
    words = said("um uh um")
    assert tighten(0.0, 1.0, words, "fillers", "en") == ((0.0, 1.0),)
