"""What nobody said is left out and told; what was clearly said never is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.transcriber.core.guard import LeftOut, Passage, guarded, notes_of
from contracts.media import Stretch, Word

TALK = [Stretch(start=0, end=60)]


def said(text: str, start: float, *, each: float = 0.3, gap: float = 0.1) -> list[Word]:
    words, at = [], start
    for word in text.split():
        words.append(Word(text=word, start=at, end=at + each))
        at += each + gap
    return words


def kept(words: list[Word], speech: list[Stretch], *passages: Passage, duration: float = 120.0) -> str:
    return " ".join(word.text for word in guarded(words, speech, passages, duration=duration)[0])


@st.composite
def talks(draw: st.DrawFn) -> tuple[list[Word], list[Stretch]]:
    """Words at rates at which people speak, phrases of subtitles and repetitions among them, all within speech."""
    at, words, speech = 0.0, [], []
    phrases = [
        "thank you",
        "thanks for watching",
        "no no no no no no no",
        "you",
        "I mean it",
        "well",
        "お金 が ない",
        "so",
    ]
    for _ in range(draw(st.integers(0, 20))):
        at += draw(st.floats(0.0, 5))
        begin = at
        for text in draw(st.sampled_from(phrases)).split():
            length = draw(st.floats(0.126, 0.8))
            words.append(Word(text=text, start=at, end=at + length))
            at += length
        speech.append(Stretch(start=begin, end=at))
    return words, speech


@st.composite
def anything(draw: st.DrawFn) -> tuple[list[Word], list[Stretch], list[Passage]]:
    spans = st.tuples(st.floats(0, 100), st.floats(0, 10)).map(lambda span: (span[0], span[0] + span[1]))
    texts = st.sampled_from(["thank", "you", "bye", "no", "...", "訂閱", "So,"])
    words = [Word(text=draw(texts), start=a, end=b) for a, b in sorted(draw(st.lists(spans, max_size=40)))]
    speech = [Stretch(start=n * 10 + a, end=n * 10 + a + 2) for n, a in enumerate(draw(st.lists(st.floats(0, 7))))]
    doubts = st.none() | st.floats(-3, 3)
    passages = [
        Passage(start=a, end=b, compression=draw(doubts), no_speech=draw(doubts), log_probability=draw(doubts))
        for a, b in draw(st.lists(spans, max_size=5))
    ]
    return words, speech, passages


@settings(deadline=None)
@given(talks())
def test_clear_speech_at_a_possible_rate_is_never_left_out(talk: tuple[list[Word], list[Stretch]]) -> None:
    words, speech = talk
    assert guarded(words, speech, duration=1e6) == (words, [])


@settings(deadline=None)
@given(anything(), st.integers(0, 40), st.integers(1, 12))
def test_a_word_that_is_spoken_and_not_doubted_is_never_taken_for_a_repetition(
    case: tuple[list[Word], list[Stretch], list[Passage]], at: int, times: int
) -> None:
    words, speech, _ = case
    words = sorted([*words, *said("no no " * times, float(at))], key=lambda word: word.start)
    _, out = guarded(words, speech, duration=1e6)
    repeated = [word for row in out if row.why == "repeated" for word in row.words]
    for word in repeated:
        spoken = sum(max(0.0, min(word.end, s.end) - max(word.start, s.start)) for s in speech)
        assert spoken < 0.5 * max(word.end - word.start, 0.05)


@settings(deadline=None)
@given(anything())
def test_every_word_is_either_kept_in_its_order_or_told_as_left_out(
    case: tuple[list[Word], list[Stretch], list[Passage]],
) -> None:
    words, speech, passages = case
    left, out = guarded(words, speech, passages, duration=90)
    gone = {id(word) for row in out for word in row.words}
    assert [word for word in words if id(word) not in gone] == left
    assert len(left) + sum(len(row.words) for row in out) == len(words)
    assert all(word.start < 90 for word in left)
    assert len(notes_of(out)) == len({row.why for row in out})


@settings(deadline=None)
@given(anything())
def test_where_nobody_speaks_nothing_is_kept(case: tuple[list[Word], list[Stretch], list[Passage]]) -> None:
    assert guarded(case[0], [], case[2], duration=1e6)[0] == []


def test_words_in_silence_are_left_out_and_words_at_its_edge_are_not() -> None:
    words = [*said("so it is", 58.6), *said("and more", 59.9), *said("nobody says this", 80)]
    assert kept(words, TALK) == "so it is and more"


def test_phrases_of_subtitles_go_where_they_are_mostly_silence_and_stay_where_they_are_said() -> None:
    speech = [Stretch(start=0, end=10), Stretch(start=31, end=31.4)]
    words = [*said("Thanks for watching!", 2), *said("Thanks for watching!", 30.0)]
    left, out = guarded(words, speech, duration=60)
    assert " ".join(word.text for word in left) == "Thanks for watching!"
    assert [(row.why, len(row.words)) for row in out] == [("outro", 3)]


def test_phrases_of_subtitles_are_found_however_their_words_are_divided() -> None:
    words = [
        Word(text=text, start=30 + i * 0.4, end=30.3 + i * 0.4)
        for i, text in enumerate(["ご視聴", "ありがとう", "ございました。"])
    ]
    left, [row] = guarded(words, [Stretch(start=29.2, end=29.8)], duration=60)
    assert (left, row.why) == ([], "outro")


def test_a_word_of_such_a_phrase_within_a_sentence_stays() -> None:
    speech = [Stretch(start=0, end=2.0), Stretch(start=2.8, end=6)]
    assert kept(said("and that is what I tell you when we meet", 0), speech).count("you") == 1


def test_a_phrase_that_is_repeated_over_music_is_kept_once() -> None:
    words = said("we are here " + "oh my god " * 20, 10)
    assert kept(words, [Stretch(start=9.5, end=12)]) == "we are here oh my god"
    doubt = Passage(start=9, end=60, compression=5.0)
    assert kept(words, TALK, doubt) == "we are here oh my god"


def test_what_was_said_before_the_model_went_in_circles_is_kept() -> None:
    words = said("no no no", 1) + said("no " * 6, 2.2)
    assert kept(words, [Stretch(start=0.8, end=2.2)]) == "no no no"


def test_a_phrase_that_is_really_chanted_is_kept() -> None:
    words = said("four more years " * 8, 10)
    assert kept(words, TALK) == " ".join(word.text for word in words)


def test_words_faster_than_anybody_speaks_are_left_out() -> None:
    words = [*said("slowly now", 1), *said("and all of this in one instant", 5, each=0.01, gap=0.0), *said("yes", 7)]
    assert kept(words, TALK) == "slowly now yes"


@pytest.mark.parametrize(("rate", "stays"), [(7.5, True), (8.5, False)])
def test_eight_words_a_second_are_the_most_that_anybody_says(rate: float, stays: bool) -> None:
    words = said("this is how the fastest of all people speak", 1, each=1 / rate, gap=0.0)
    assert kept(words, TALK) == (" ".join(word.text for word in words) if stays else "")


def test_words_without_any_time_are_left_out_if_there_are_several_of_them() -> None:
    assert kept([*said("one", 1, each=0), *said("fine", 2)], TALK) == "one fine"
    assert kept([*said("three at once", 1, each=0, gap=0), *said("fine", 2)], TALK) == "fine"


def test_fast_speech_stays() -> None:
    words = said("this is how the fastest people speak when they are in a hurry", 1, each=0.13, gap=0.0)
    assert kept(words, TALK) == " ".join(word.text for word in words)


def test_what_the_recognizer_takes_for_silence_itself_needs_speech_under_it() -> None:
    speech = [Stretch(start=0, end=1.0), Stretch(start=2, end=2.1)]
    doubt = Passage(start=1, end=3, no_speech=0.9, log_probability=-1.5)
    assert kept([*said("well", 0.2), *said("hm ah", 1.3)], speech, doubt) == "well"
    sure = Passage(start=1, end=3, no_speech=0.9, log_probability=-0.2)
    assert kept([*said("well", 0.2), *said("hm ah", 1.3)], speech, sure) == "well hm ah"


def test_words_behind_the_end_are_left_out() -> None:
    assert kept(said("one two", 59.0, gap=1.5), [Stretch(start=0, end=90)], duration=60) == "one"


def test_the_note_says_how_many_words_and_when() -> None:
    rows = [LeftOut("silence", tuple(said("a b", at))) for at in (3.25, 3671.0, 4000.0, 5000.0)]
    assert notes_of(rows) == (
        "Left out 8 words where nobody speaks (“a b”): 0:03.2 to 0:03.9, 1:01:11.0 to 1:01:11.7, "
        "1:06:40.0 to 1:06:40.7 and 1 more.",
    )
