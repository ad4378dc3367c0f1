"""Caption files as they come from players, editors and YouTube."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.transcriber.adapters.captions import BadCaptionsError, decoded, parse
from actors.transcriber.core import words_of

ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.389 align:start position:0%
 
hello<00:00:00.480><c> and</c><00:00:00.640><c> welcome</c>

00:00:02.389 --> 00:00:02.399 align:start position:0%
hello and welcome
 

00:00:02.399 --> 00:00:04.309 align:start position:0%
hello and welcome
to<00:00:02.800><c> the</c><00:00:03.100><c> show</c>

00:00:04.309 --> 00:00:04.319 align:start position:0%
to the show
 
"""


def said(body: str | bytes, kind: Any, duration: float = 60.0) -> list[tuple[str, float, float]]:
    raw = body if isinstance(body, bytes) else body.encode()
    words, _ = words_of(parse(raw, kind), duration)
    return [(word.text, word.start, word.end) for word in words]


def test_a_subrip_cue_is_spread_over_its_words_by_syllables() -> None:
    words = said("1\n00:00:01,000 --> 00:00:04,000\nbanana man\n", "srt")
    assert words == [("banana", 1.0, 3.109), ("man", 3.109, 4.0)]


def test_rolling_captions_of_youtube_are_said_once_with_their_word_times() -> None:
    words = said(ROLLING, "vtt")
    assert [text for text, _, _ in words] == ["hello", "and", "welcome", "to", "the", "show"]
    assert [start for _, start, _ in words] == [0.16, 0.48, 0.64, 2.399, 2.8, 3.1]


def test_rolling_captions_that_were_turned_into_subrip_are_said_once() -> None:
    body = (
        "1\n00:00:00,000 --> 00:00:02,000\nhello and\n\n2\n00:00:02,000 --> 00:00:02,010\nhello and\n\n"
        "3\n00:00:02,010 --> 00:00:04,000\nhello and\nwelcome all\n\n4\n00:00:04,000 --> 00:00:04,010\nwelcome all\n"
    )
    assert [text for text, _, _ in said(body, "srt")] == ["hello", "and", "welcome", "all"]


def test_a_line_that_is_really_said_twice_stays() -> None:
    body = "1\n00:00:00,000 --> 00:00:01,000\nNo!\n\n2\n00:00:01,000 --> 00:00:02,000\nNo!\n"
    assert [text for text, _, _ in said(body, "srt")] == ["No!", "No!"]


def test_json3_words_have_the_times_of_their_segments() -> None:
    events = [
        {"tStartMs": 0, "dDurationMs": 9000, "id": 1, "wpWinPosId": 1},
        {"tStartMs": 80, "dDurationMs": 3000, "segs": [{"utf8": "so"}, {"utf8": " this", "tOffsetMs": 240}]},
        {"tStartMs": 1000, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        {"tStartMs": 1080, "dDurationMs": 1500, "segs": [{"utf8": "works"}, {"utf8": " now", "tOffsetMs": 300}]},
    ]
    words = said(json.dumps({"wireMagic": "pb3", "events": events}), "json3")
    assert [(text, start) for text, start, _ in words] == [("so", 0.08), ("this", 0.32), ("works", 1.08), ("now", 1.38)]


@pytest.mark.parametrize("mark", [" ?", " !", " :", " »", ".", "…"])
def test_punctuation_in_a_segment_of_its_own_stays_with_the_word_before(mark: str) -> None:
    texts = ["Ça", " va", mark, " Oui", "."]
    segments = [{"utf8": text, "tOffsetMs": 300 * n} for n, text in enumerate(texts)]
    events = [{"tStartMs": 0, "dDurationMs": 2000, "segs": segments}]
    words = said(json.dumps({"events": events}), "json3")
    told = f"va{mark}".replace(" ", "\xa0")
    assert [(text, start) for text, start, _ in words] == [("Ça", 0.0), (told, 0.3), ("Oui.", 0.9)]


def test_json3_of_an_author_has_cue_times_only() -> None:
    events = [{"tStartMs": 1000, "dDurationMs": 2000, "segs": [{"utf8": "two words"}]}]
    words, timing = words_of(parse(json.dumps({"events": events}).encode(), "json3"), 60.0)
    assert timing == "spread"
    assert [(word.text, word.start, word.end) for word in words] == [("two", 1.0, 1.826), ("words", 1.826, 3.0)]


@pytest.mark.parametrize(
    "body",
    [
        "Grüße".encode("utf-8-sig"),
        "Grüße".encode("utf-16"),
        "Grüße".encode("utf-16-le"),
        "Grüße".encode("utf-16-be"),
        "Grüße".encode("cp1252"),
        "Grüße".encode(),
    ],
)
def test_encodings_are_recognised(body: bytes) -> None:
    assert decoded(body) == "Grüße"


@pytest.mark.parametrize(
    ("said", "encoding"),
    [
        ("Здравствуйте, дорогие друзья, <i>сегодня</i> поговорим.", "cp1251"),
        ("Здравствуйте, дорогие друзья, сегодня поговорим.", "koi8-r"),
        ("Καλημέρα σας, σήμερα θα μιλήσουμε.", "cp1253"),
        ("שלום לכולם וברוכים הבאים", "cp1255"),
        ("大家好，欢迎来到今天的节目。", "gb18030"),
        ("皆さん、こんにちは。今日も始めましょう。", "shift-jis"),
    ],
    ids=["cyrillic", "koi8", "greek", "hebrew", "chinese", "japanese"],
)
def test_an_encoding_that_cannot_be_told_is_refused_and_not_shown_as_strange_letters(said: str, encoding: str) -> None:
    body = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{said}\n\n" for n in range(1, 9)).encode(encoding)
    with pytest.raises(BadCaptionsError, match="save it as UTF-8"):
        parse(body, "srt")


def test_notes_styles_settings_and_hourless_times_of_webvtt_are_understood() -> None:
    body = (
        "WEBVTT - title\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\nNOTE not said\nat all\n\nSTYLE\n::cue {}\n\n"
        "intro\n00:01.000 --> 00:02.000 line:0%\n<v Ann>said</v>\n\nNOTE neither\n"
    )
    words, _ = words_of(parse(body.encode(), "vtt"), 60.0)
    assert [(word.text, word.speaker, word.start) for word in words] == [("said", "Ann", 1.0)]


def test_subrip_without_empty_lines_between_its_cues_is_understood() -> None:
    body = "1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:03,000 --> 00:00:04,000\ntwo\n\nthree\n"
    assert [text for text, _, _ in said(body, "srt")] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "srt"),
        (b"not captions", "vtt"),
        (b"{", "json3"),
        (b"[1]", "json3"),
        (b'{"events": 3}', "json3"),
        (b'{"events": [3]}', "json3"),
        (b'{"events": [{"segs": [{"utf8": "x"}]}]}', "json3"),
        (b"1\n00:00:05,000 --> 00:00:01,000\nends before it starts\n", "srt"),
        (b'{"events": [{"tStartMs": NaN, "dDurationMs": 900, "segs": [{"utf8": "x"}]}]}', "json3"),
        (b'{"events": [{"tStartMs": 0, "dDurationMs": 1e999, "segs": [{"utf8": "x"}]}]}', "json3"),
        (b'{"events": [{"tStartMs": 0, "dDurationMs": 9, "segs": [{"utf8": "x", "tOffsetMs": -1e999}]}]}', "json3"),
        (b'{"events": [{"tStartMs": 1%s, "dDurationMs": 900, "segs": [{"utf8": "x"}]}]}' % (b"0" * 400), "json3"),
        (b"[" * 100_000, "json3"),
    ],
)
def test_a_broken_file_says_so(body: bytes, kind: Any) -> None:
    with pytest.raises(BadCaptionsError):
        parse(body, kind)


@given(st.binary(max_size=400), st.sampled_from(["srt", "vtt", "json3"]))
def test_any_bytes_are_captions_or_a_clear_no(body: bytes, kind: Any) -> None:
    try:
        cues = parse(body, kind)
    except BadCaptionsError:
        return
    words_of(cues, 10.0)


def test_half_a_character_in_json3_is_told_as_lost() -> None:
    body = b'{"events": [{"tStartMs": 0, "dDurationMs": 900, "segs": [{"utf8": "so \\ud83d it"}, {"utf8": " is"}]}]}'
    assert [text for text, _, _ in said(body, "json3")] == ["so", "\ufffd", "it", "is"]


@pytest.mark.parametrize("mark", ["<v ", "<v.a", "<v" + " " * 40, "【", "〔", "[", "(laugh", "{\\", " " * 40, "<a"])
def test_a_mark_that_is_never_closed_takes_no_longer_than_its_file_is_long(mark: str) -> None:
    body = f"1\n00:00:01,000 --> 00:00:09,000\n{mark * (120_000 // len(mark))}so it is\n"
    begun = process_time()
    said(body, "srt")
    assert process_time() - begun < 3
