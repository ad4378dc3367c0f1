"""How long words take, which languages sentences are in, where nobody speaks, and what is tried first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.transcriber.core import (
    Captions,
    Cue,
    Envelope,
    divided,
    fillers_of,
    sentences_of,
    silences_of,
    steps,
    with_languages,
)
from actors.transcriber.core.envelope import RATE
from actors.transcriber.core.syllables import seconds_of, syllables
from contracts.media import CaptionTrack, Sentence, Stretch, Word


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        ("table", "en", 2),
        ("made", "en", 1),
        ("wanted", "en", 2),
        ("asked", "en", 1),
        ("strengths", "en", 1),
        ("Überraschung", "de", 4),
        ("petites", "fr", 2),
        ("прогреться", "ru", 3),
        ("コンピューター", "ja", 6),
        ("今天", "zh", 2),
        ("안녕하세요", "ko", 5),
        ("घर", "hi", 1),
        ("prst", "cs", 1),
        ("1998", "en", 5),
        ("BBC", "en", 3),
        ("…", "en", 0),
    ],
)
def test_syllables_are_counted_as_a_reader_says_them(word: str, language: str, count: float) -> None:
    assert syllables(word, language) == count


def test_a_long_syllable_takes_longer() -> None:
    assert seconds_of("strengths", "en") > 2 * seconds_of("a", "en")


@given(st.text(max_size=30), st.sampled_from([None, "en", "fr", "ja", "xx"]))
def test_any_text_takes_some_time_that_is_no_less_than_none(text: str, language: str | None) -> None:
    assert 0 <= seconds_of(text, language) < 30


def said(*texts: str) -> tuple[Sentence, ...]:
    return tuple(Sentence(first=n, last=n, start=n, end=n + 1, text=text) for n, text in enumerate(texts))


def test_sentences_in_another_language_say_so_and_short_ones_go_with_their_neighbours() -> None:
    texts = ("This is all in English.", "Das hier ist ein langer deutscher Satz.", "OK.", "Und noch einer, auch lang.")
    german, nothing = {"de": 0.95, "en": 0.01}, {"sr": 0.02}
    marked, language = with_languages(said(*texts), [{"en": 0.9}, german, nothing, german], "en-US")
    assert ([s.language for s in marked], language) == ([None, "de", "de", "de"], "en-US")


def test_one_borrowed_phrase_is_no_other_language() -> None:
    texts = ("We met at noon by the old harbour.", "C'est la vie!", "Then we went home again by bus.")
    marked, _ = with_languages(said(*texts), [{"en": 0.9}, {"fr": 0.97}, {"en": 0.9}], None)
    assert [s.language for s in marked] == [None, None, None]


def test_the_language_of_most_letters_is_that_of_the_whole_where_none_is_told() -> None:
    assert with_languages(said("A sentence that is long enough."), [{"en": 0.9}], None)[1] == "en"
    assert with_languages(said("Hm."), [{"sr": 0.02}], None)[1] is None
    assert with_languages(said("Whatever it is that is said."), [{}], "de") == (
        said("Whatever it is that is said."),
        "de",
    )


def test_silences_are_between_words_and_under_words_that_last_too_long() -> None:
    words = (Word(text="one", start=1.0, end=4.0), Word(text="two", start=4.2, end=5.0))
    assert silences_of(words, 5.2) == (Stretch(start=0, end=1.0),)
    voice = [(1.0, 1.5), (4.2, 5.2)]
    levels = bytes(120 if any(a <= n / RATE < b for a, b in voice) else 20 for n in range(520))
    assert [(round(s.start, 1), round(s.end, 1)) for s in silences_of(words, 5.2, Envelope(levels))] == [
        (0.0, 1.0),
        (1.5, 4.2),
    ]


def test_ten_hours_of_silence_are_one_silence() -> None:
    assert silences_of((), 36000.0, Envelope(bytes(36000 * RATE))) == (Stretch(start=0, end=36000.0),)


def test_fillers_are_those_of_the_language_of_their_sentence() -> None:
    words = tuple(Word(text=t, start=n, end=n + 0.9) for n, t in enumerate(["Um,", "yes.", "Ähm", "um", "zwei."]))
    sentences = sentences_of(words)
    assert fillers_of(words, sentences, "en") == (0, 2, 3)
    german = [s if s.first == 0 else s.model_copy(update={"language": "de"}) for s in sentences]
    assert fillers_of(words, german, "en") == (0, 2)


def test_japanese_fillers_are_words_of_their_own() -> None:
    assert divided("えーと今日は")[0] == "えーと"


def captions(origin: str, *, timed: bool) -> Captions:
    track = CaptionTrack.model_validate({"uri": f"media://a/{origin}.srt", "format": "srt", "origin": origin})
    return Captions(track, (Cue(0, 1, "a", ((0.0, "a"),) if timed else ()),))


def test_given_captions_come_first_then_those_with_the_times_of_words() -> None:
    given_ones, timed, plain = (
        captions("given", timed=False),
        captions("automatic", timed=True),
        captions("source", timed=False),
    )
    order = ("given", "timed", "untimed", "listener")
    assert steps(order, [plain, timed, given_ones]) == [given_ones, timed, plain, "listener"]
    assert steps(("listener", "untimed"), [plain, timed, given_ones]) == ["listener", plain]
