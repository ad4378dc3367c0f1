"""Cleaning, dividing, spreading, sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.transcriber.core import CAPTIONS, Cue, cleaned, divided, sentences_of, wanted, within, words_of
from contracts.media import CaptionTrack, Word
from contracts.text import joined

times = st.floats(-5, 100, allow_nan=False)
texts = st.text(max_size=60)
cues = st.builds(
    Cue, start=times, end=times, text=texts, pieces=st.lists(st.tuples(times, texts), max_size=4).map(tuple)
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<i>so</i> <font color='#fff'>it</font> {\\an8}is", [("so it is", None)]),
        ("[Music]", []),
        ("(door closes)", []),
        ("well (laughs) yes", [("well yes", None)]),
        ("♪ la la ♪", [("la la", None)]),
        ("【拍手】はい", [("はい", None)]),
        (">> Bob: hi there", [("hi there", "Bob")]),
        ("JANE DOE: hi", [("hi", "Jane Doe")]),
        ("- one\n- two", [("one", None), ("two", None)]),
        ("Note: this stays", [("Note: this stays", None)]),
        ("-5 degrees", [("-5 degrees", None)]),
        ("<v.loud Ann>hey", [("hey", "Ann")]),
        ("a &lt; b &amp; c&nbsp;d", [("a < b & c d", None)]),
        ("I <3 you", [("I <3 you", None)]),
        ("zero\u200bwidth\ufeff", [("zerowidth", None)]),
    ],
)
def test_marks_and_notes_are_left_out(text: str, plain: list[tuple[str, str | None]]) -> None:
    assert cleaned(text) == plain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Bonjour ! Ça va ?", ["Bonjour\xa0!", "Ça", "va\xa0?"]),
        ("« oui » dit-il", ["«\xa0oui\xa0»", "dit-il"]),
        ("rock & roll", ["rock", "&", "roll"]),
        ("今天天气很好。", ["今天", "天气", "很好。"]),
        ("コンピューターが好きです。", ["コンピューター", "が", "好きです。"]),
        ("「はい」と言った", ["「はい」", "と", "言った"]),
        ("한국어는 띄어 씁니다", ["한국어는", "띄어", "씁니다"]),
        ("GPT4を使う", ["GPT4", "を", "使う"]),
        ("", []),
        ("…", []),
    ],
)
def test_texts_are_divided_into_words(text: str, words: list[str]) -> None:
    assert divided(text) == words


def test_a_mark_is_never_parted_from_its_letter_in_thai() -> None:
    words = divided("สวัสดีครับผมชื่อสมชาย")
    assert "".join(words) == "สวัสดีครับผมชื่อสมชาย"
    assert len(words) > 2
    assert not any(word[0] in "ิีึืุูัํ่้๊๋์" for word in words)


@given(texts)
def test_dividing_loses_no_letter(text: str) -> None:
    letters = [ch for ch in text if ch.isalnum()]
    assert [ch for word in divided(text) for ch in word if ch.isalnum()] == letters


def test_words_are_joined_as_their_script_is_written() -> None:
    assert joined(["今天", "很好,", "我们"]) == "今天很好,我们"
    assert joined(["see", "you"]) == "see you"


@given(st.lists(cues, max_size=12), st.floats(0.1, 80))
def test_words_are_in_order_and_within_the_clip(given_cues: list[Cue], duration: float) -> None:
    words, _ = words_of(given_cues, duration)
    check(words, duration)
    sentences = sentences_of(words)
    spans = [(s.first, s.last) for s in sentences]
    assert [i for first, last in spans for i in range(first, last + 1)] == list(range(len(words)))


@given(
    st.lists(st.tuples(st.floats(0, 90), st.floats(0, 90)).map(lambda t: Word(text="x", start=min(t), end=max(t)))),
    st.floats(0.1, 60),
)
def test_what_a_recogniser_heard_is_brought_into_order(words: list[Word], duration: float) -> None:
    check(within(words, duration), duration)


def check(words: tuple[Word, ...], duration: float) -> None:
    end = 0.0
    for word in words:
        assert end <= word.start <= word.end <= duration
        end = word.end


@given(st.text(min_size=1, max_size=40), st.floats(0, 30), st.floats(0.05, 10))
def test_a_spread_word_never_leaves_its_cue(text: str, start: float, lasts: float) -> None:
    words, _ = words_of([Cue(start, start + lasts, text)], 100.0)
    assert all(start - 0.001 <= word.start <= word.end <= start + lasts + 0.001 for word in words)


def test_a_cue_ends_where_the_next_begins() -> None:
    words, _ = words_of([Cue(0, 10, "first"), Cue(2, 4, "second")], 60.0)
    assert [(word.text, word.start, word.end) for word in words] == [("first", 0, 2), ("second", 2, 4)]


def test_cues_that_begin_together_are_said_one_after_the_other() -> None:
    words, _ = words_of([Cue(0, 4, "one two"), Cue(0, 4, "three four")], 60.0)
    assert [word.text for word in words] == ["one", "two", "three", "four"]


def spoken(text: str, *, gap: float = 0.0) -> tuple[Word, ...]:
    return tuple(Word(text=t, start=i * (0.4 + gap), end=i * (0.4 + gap) + 0.4) for i, t in enumerate(text.split()))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith paid 3.5 dollars. He left.", ["Dr. Smith paid 3.5 dollars.", "He left."]),
        ("The U.S. Army e.g. this", ["The U.S. Army e.g. this"]),
        ("Well... maybe. So... Yes.", ["Well... maybe.", "So...", "Yes."]),
        ("“Stop.” He ran.", ["“Stop.”", "He ran."]),
        ("Am 3. Mai kam er.", ["Am 3. Mai kam er."]),
        ("क्या है? यह ठीक है। अच्छा।", ["क्या है?", "यह ठीक है।", "अच्छा।"]),
        ("no stops at all here", ["no stops at all here"]),
    ],
)
def test_sentences_end_at_full_stops(text: str, sentences: list[str]) -> None:
    assert [s.text for s in sentences_of(spoken(text))] == sentences


def test_a_long_pause_ends_a_sentence() -> None:
    words = (Word(text="one", start=0, end=0.5), Word(text="two", start=1.4, end=1.8))
    assert [s.text for s in sentences_of(words)] == ["one", "two"]


def test_an_endless_sentence_is_cut_at_commas_into_readable_ones() -> None:
    words = spoken(" ".join(["and so we went on, and"] * 4000))
    sentences = sentences_of(words)
    assert all(s.end - s.start <= 15.0 and len(s.text) <= 160 for s in sentences)
    assert sum(s.text.endswith(",") for s in sentences) > len(sentences) * 0.9


def test_given_captions_are_trusted_most_and_automatic_ones_least() -> None:
    tracks = [
        CaptionTrack(uri=f"media://clips/x/{o}.srt", format="srt", origin=o)
        for o in ("automatic", "source", "given", "beside")
    ]
    assert [t.origin for t in wanted(CAPTIONS, tracks)] == ["given", "beside", "source", "automatic"]
    assert [t.origin for t in wanted(("given",), tracks)] == ["given", "beside"]
    assert [t.origin for t in wanted(("untimed", "groq"), tracks)] == ["source", "automatic"]
