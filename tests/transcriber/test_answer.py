"""Answers in OpenAI's `verbose_json`, as the many servers that speak it write them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.transcriber.adapters.asking import Reply, wait_of
from actors.transcriber.core.answer import NoAnswerError, part_of, punctuated
from actors.transcriber.core.heard import HeardPart, heard_of, language_of, languages_of
from actors.transcriber.core.stitch import Part
from actors.transcriber.core.tongues import code_of
from contracts.media import Stretch, Word

PART = Part(100, 110)


def heard(**answer: object) -> HeardPart:
    return part_of(json.dumps({"task": "transcribe", **answer}), PART, "x:y")


def test_times_are_those_of_the_clip() -> None:
    part = heard(
        text="Hi there.", words=[{"word": "Hi", "start": 0.5, "end": 1}, {"word": "there", "start": 1, "end": 2}]
    )
    assert [(word.text, word.start, word.end) for word in part.words] == [("Hi", 100.5, 101), ("there.", 101, 102)]


def test_words_within_their_segments_have_their_own_confidence_and_speaker() -> None:
    words = [{"word": " Hi", "start": 0.5, "end": 1, "probability": 0.5}]
    segment = {"start": 0, "end": 2, "text": " Hi", "words": words, "speaker": "SPEAKER_01", "avg_logprob": -2.0}
    [word] = heard(segments=[segment]).words
    assert (word.text, word.confidence, word.speaker) == ("Hi", 0.5, "SPEAKER_01")


def test_an_answer_without_words_is_silence() -> None:
    part = heard(text="", segments=[], language="english")
    assert (part.words, part.timing, part.language) == ((), "word", "en")


def test_impossible_times_are_put_within_reason() -> None:
    words = [{"word": "a", "start": -0.01, "end": 0.2}, {"word": "b", "start": 3.0, "end": 2.5}]
    assert [(word.start, word.end) for word in heard(text="a b", words=words).words] == [(100, 100.2), (102.5, 103)]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Hi there.",
        "null",
        "[]",
        '{"text": 3}',
        '{"text": "Hi."}',
        '{"words": "a b"}',
        '{"words": [{"word": "a"}]}',
        '{"words": [{"word": "a", "start": NaN, "end": 1}]}',
        '{"segments": [{"start": "x", "end": 2}]}',
    ],
)
def test_anything_else_is_no_transcript(body: str) -> None:
    with pytest.raises(NoAnswerError):
        part_of(body, PART, "x:y")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "words", "segments", "word", "start", "end", "language"]), inner)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(json_values)
def test_any_json_is_a_transcript_or_a_clear_no(value: object) -> None:
    try:
        part = part_of(json.dumps(value), PART, "x:y")
    except NoAnswerError:
        return
    heard_of([part], [Stretch(start=0, end=1e6)], 1e6)


@pytest.mark.parametrize(
    ("words", "text", "shown"),
    [
        (["Hello", "world"], "Hello, world!", ["Hello,", "world!"]),
        (["no", "no"], "No — no.", ["No", "no."]),
        (["said", "well"], 'He said: "Well…"', ["said:", '"Well…"']),
        (["你好", "世界"], "你好,世界。", ["你好,", "世界。"]),
        (["lost", "word"], "A word", ["lost", "word"]),
        (["Hello,", "world."], "Hello, world.", ["Hello,", "world."]),
        (["a"], "", ["a"]),
    ],
)
def test_words_are_shown_with_the_punctuation_of_the_text(words: list[str], text: str, shown: list[str]) -> None:
    assert punctuated(words, text) == shown


@settings(deadline=None)
@given(st.lists(st.text(st.characters(categories=["Ll", "Lu", "Lo"]), min_size=1, max_size=6)), st.text(max_size=80))
def test_punctuation_loses_no_word_and_no_letter(words: list[str], text: str) -> None:
    shown = punctuated(words, text)
    assert len(shown) == len(words)
    assert all(word.lower() in spelt.lower() for word, spelt in zip(words, shown, strict=True))


@pytest.mark.parametrize(
    ("detected", "probability", "expected", "chosen"),
    [
        ("de", 0.9, None, "de"),
        ("de", 0.3, None, None),
        ("de", 0.6, "en", "en"),
        ("de", 0.9, "en", "de"),
        ("en", 0.4, "en", "en"),
    ],
)
def test_a_language_is_left_only_for_a_sure_one(
    detected: str, probability: float, expected: str | None, chosen: str | None
) -> None:
    assert language_of(detected, probability, expected) == chosen


def part(start: float, language: str | None, *words: str) -> HeardPart:
    said = tuple(Word(text=text, start=start + i, end=start + i + 0.5) for i, text in enumerate(words))
    return HeardPart(start=start, end=start + 10, words=said, language=language, method="x:y")


def test_two_languages_in_one_recording_are_told_with_their_times() -> None:
    parts = [
        part(0, "en", "one", "two", "three"),
        part(10, "en", "four"),
        part(20, "de", "fünf", "sechs"),
        part(30, None),
    ]
    assert [(s.start, s.end, s.language) for s in languages_of(parts)] == [(0, 20, "en"), (20, 30, "de")]
    whole = heard_of(parts, [Stretch(start=0, end=40)], 40)
    assert whole.language == "en"
    assert whole.notes == ("Spoken in en, de.",)


def test_one_part_with_spread_words_makes_the_whole_spread() -> None:
    parts = [part(0, "en", "a"), part(10, "en", "b").model_copy(update={"timing": "spread", "method": "x:z"})]
    whole = heard_of(parts, [Stretch(start=0, end=40)], 40)
    assert (whole.timing, whole.method) == ("spread", "x:y+x:z")


def test_a_word_timed_behind_its_part_costs_no_word_that_was_said() -> None:
    first = part(0, "en", "stray")
    first = first.model_copy(update={"words": (first.words[0].model_copy(update={"start": 12.05, "end": 12.1}),)})
    said = tuple(Word(text=f"w{i}", start=11.8 + i * 0.15, end=11.95 + i * 0.15) for i in range(5))
    second = HeardPart(start=10, end=20, words=said, language="en", method="x:y")
    whole = heard_of([first, second], [Stretch(start=0, end=20)], 20)
    assert [word.text for word in whole.words] == ["w0", "w1", "w2", "w3", "w4"]
    assert "Left out 1 word timed behind the part" in whole.notes[0]


steady = st.lists(st.floats(0, 60), max_size=8)


@settings(deadline=None)
@given(steady, steady)
def test_no_times_beyond_a_part_cost_a_word_within_one(stray: list[float], lengths: list[float]) -> None:
    """Three parts in which somebody speaks steadily; each has strays that are timed at or behind its end."""
    parts, texts = [], []
    for start in (0.0, 10.0, 20.0):
        said = [Word(text=f"said{start}{i}", start=start + 1 + i, end=start + 1.5 + i) for i in range(8)]
        texts += [word.text for word in said]
        lost = [
            Word(text="stray", start=start + 10 + by, end=start + 10 + by + (lengths[i] if i < len(lengths) else 0))
            for i, by in enumerate(stray)
        ]
        said[-1] = said[-1].model_copy(update={"end": start + 100})
        words = tuple(sorted([*lost, *said], key=lambda word: word.text))
        parts.append(HeardPart(start=start, end=start + 10, words=words, language="en", method="x:y"))
    whole = heard_of(parts, [Stretch(start=0, end=30)], 30)
    assert [word.text for word in whole.words] == texts
    starts = [word.start for word in whole.words]
    assert starts == sorted(starts)
    assert all(word.end <= 10 * (word.start // 10 + 1) for word in whole.words)


@pytest.mark.parametrize(
    ("name", "code"),
    [("English", "en"), ("en-GB", "en"), ("pt_BR", "pt"), ("haitian creole", "ht"), ("Klingon", None), ("", None)],
)
def test_names_of_languages_become_codes(name: str, code: str | None) -> None:
    assert code_of(name) == code


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "12"}, "", 12),
        ({"retry-after": "1.5"}, "try again in 9s", 1.5),
        ({}, "Please try again in 7m12.5s. Visit", 432.5),
        ({}, "Please try again in 1h2m3s.", 3723),
        ({}, "Please try again in 820ms.", 0.82),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "9" * 400}, "", 21600),
        ({"retry-after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, "", None),
        ({}, f"try again in {'9' * 400}s", 21600),
        ({}, "Slow down.", None),
    ],
)
def test_waits_are_understood(headers: dict[str, str], body: str, seconds: float | None) -> None:
    assert wait_of(Reply(429, body, headers)) == seconds
