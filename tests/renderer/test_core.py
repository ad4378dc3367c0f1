"""The plan of a short: pages, lit words, cues, paths, windows, credits."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.renderer.core import (
    Aim,
    SpokenWord,
    caption_pages,
    caption_states,
    cover_window,
    describe,
    framing_mode,
    framing_path,
    panels,
    picture_remarks,
    span_problem,
    spoken,
    srt,
    words_within,
)
from contracts.media import Candidate, Clip, MediaRef, Rights, Transcript, Word
from contracts.sight import Framing, FramingPoint

shares = st.floats(0, 1)


@st.composite
def said(draw: st.DrawFn) -> list[Word]:
    count = draw(st.integers(0, 40))
    words, t = [], draw(st.floats(0, 5))
    for _ in range(count):
        t += draw(st.floats(-0.2, 2))
        length = draw(st.floats(0, 1.5))
        text = draw(st.sampled_from(["a", "word", "end.", "incomprehensibilities", "ok?", "  ", "two words"]))
        words.append(Word(text=text, start=max(t, 0), end=max(t, 0) + length))
        t += length
    return words


@settings(max_examples=40)
@given(said(), st.floats(0.2, 20))
def test_captions_show_every_word_once_in_order_and_never_two_pages_at_a_time(
    words: list[Word], duration: float
) -> None:
    short = spoken(words, 2.0, duration)
    pages = caption_pages(short, duration)
    assert [word for page in pages for word in page.words] == list(short)
    frames = round(duration * 30)
    states = caption_states(pages, 30, frames)
    assert all(a.last <= b.first for a, b in itertools.pairwise(states))
    assert all(0 <= state.first < state.last <= frames for state in states)
    for page in pages:
        assert len(page.words) <= 4
        assert len(page.words) == 1 or len(page.text) <= 20


@settings(max_examples=40)
@given(said(), st.floats(0.2, 20))
def test_words_on_the_shorts_clock_lie_within_it_and_do_not_overlap(words: list[Word], duration: float) -> None:
    short = spoken(words, 2.0, duration)
    assert all(0 <= word.start <= word.end <= duration for word in short)
    assert all(a.end <= b.start for a, b in itertools.pairwise(short))


def test_a_word_is_lit_from_its_own_frame_to_the_next_words() -> None:
    words = [SpokenWord("one", 0.5, 0.7), SpokenWord("two", 0.9, 1.2)]
    states = caption_states(caption_pages(words, 5), 30, 150)
    assert [(s.first, s.last, s.active) for s in states] == [(15, 27, 0), (27, 36, 1), (36, 46, None)]


def test_pages_break_at_pauses_and_at_the_end_of_a_sentence() -> None:
    words = [
        SpokenWord("Hi.", 0, 0.2),
        SpokenWord("So", 0.3, 0.4),
        SpokenWord("then", 0.5, 0.6),
        SpokenWord("no", 2, 2.1),
    ]
    assert [page.text for page in caption_pages(words, 5)] == ["Hi.", "So then", "no"]


def test_only_words_said_mostly_within_the_span_are_taken() -> None:
    words = (Word(text="out", start=0, end=1.1), Word(text="in", start=0.9, end=2), Word(text="late", start=2.9, end=4))
    transcript = Transcript(clip_id="file:a", language=None, method="t", timing="word", words=words, sentences=())
    assert [word.text for word in words_within(transcript, 1.0, 3.0)] == ["in"]


def test_srt_has_numbered_cues_with_times_of_the_short() -> None:
    words = [SpokenWord("Hello", 0.5, 0.9), SpokenWord("there.", 1.0, 1.25), SpokenWord("Later", 3661.5, 3662)]
    assert srt(words, 3662.1) == (
        "1\n00:00:00,500 --> 00:00:01,600\nHello there.\n\n2\n01:01:01,500 --> 01:01:02,100\nLater\n"
    )


def test_scripts_without_spaces_are_captioned_without() -> None:
    texts = ["今日", "は", "いい", "天気です。"]
    words = [SpokenWord(text, n / 2, n / 2 + 0.5) for n, text in enumerate(texts)]
    (page,) = caption_pages(words, 2.0)
    assert page.text == "今日はいい天気です。"
    assert page.spaces == (False,) * 4
    assert srt(words, 2.0).splitlines()[2] == "今日はいい天気です。"


def test_a_long_cue_without_spaces_has_two_lines() -> None:
    words = [SpokenWord("天気", n / 10, n / 10 + 0.1) for n in range(16)]  # 64 columns
    first, second = srt(words, 2.0).splitlines()[2:4]
    assert first == second == "天気" * 8


@settings(max_examples=40)
@given(said(), st.floats(0.2, 20))
def test_srt_cues_never_overlap(words: list[Word], duration: float) -> None:
    lines = [line for line in srt(spoken(words, 0, duration), duration).splitlines() if " --> " in line]
    times = [moment for line in lines for moment in line.split(" --> ")]
    assert times == sorted(times)


@given(st.floats(16, 8000), st.floats(16, 8000), st.floats(0.2, 5), shares, shares)
def test_a_window_has_the_aspect_asked_for_and_lies_within_the_picture(
    width: float, height: float, aspect: float, x: float, y: float
) -> None:
    window = cover_window(width, height, aspect, (x, y))
    assert window.x >= 0 and window.y >= 0
    assert window.x + window.width <= 1 + 1e-9 and window.y + window.height <= 1 + 1e-9
    assert window.width * width / (window.height * height) == pytest.approx(aspect)
    assert max(window.width, window.height) == pytest.approx(1)


points = st.lists(st.tuples(st.floats(0, 20), shares), min_size=1, max_size=20, unique_by=lambda p: p[0])


@settings(max_examples=40)
@given(points, st.lists(st.floats(0, 20), max_size=5), st.floats(0, 10))
def test_a_path_stays_between_its_points_and_is_smooth_except_at_cuts(
    drawn: list[tuple[float, float]], cuts: list[float], start: float
) -> None:
    framing = Framing(
        mode="track", points=tuple(FramingPoint(t=t, x=x, y=0.5) for t, x in sorted(drawn)), cuts=tuple(sorted(cuts))
    )
    path = framing_path(framing, start, 90, 30)
    low, high = min([x for _, x in drawn] + [0.5]), max([x for _, x in drawn] + [0.5])
    assert len(path) == 90
    assert all(low - 1e-9 <= x <= high + 1e-9 for x, _ in path)


def test_a_path_jumps_at_a_cut_and_nowhere_else() -> None:
    spots = ((0.0, 0.2), (0.99, 0.2), (1.0, 0.8), (1.5, 0.8), (1.6, 0.3), (3.0, 0.3))
    framing = Framing(mode="track", points=tuple(FramingPoint(t=t, x=x, y=0.5) for t, x in spots), cuts=(1.0,))
    xs = [x for x, _ in framing_path(framing, 0, 90, 30)]
    steps = [abs(b - a) for a, b in itertools.pairwise(xs)]
    assert xs[29] == pytest.approx(0.2) and xs[30] == pytest.approx(0.8)
    assert max(steps[:29] + steps[30:]) < 0.07


def test_the_mode_follows_the_order_then_the_analysis_then_the_picture() -> None:
    track = Framing(mode="track")
    assert framing_mode("fit", track, 16 / 9) == "fit"
    assert framing_mode("center", track, 16 / 9) == "center"
    assert framing_mode("auto", track, 16 / 9) == "track"
    assert framing_mode("auto", None, 16 / 9) == "center"
    assert panels(Aim("track"), 0.2, 1080, 1920)[0].fit
    assert not panels(Aim("track"), 16 / 9, 1080, 1920)[0].fit


def test_a_span_beyond_the_clip_is_named() -> None:
    assert span_problem(1, 5, 5.0) is None
    assert span_problem(1, 5.4, 5.0) is None
    assert (span_problem(1, 6, 5.0) or ("", ""))[0] == "end"
    assert (span_problem(5, 6, 5.0) or ("", ""))[0] == "start"


@pytest.mark.parametrize(
    ("rights", "author", "wanted"),
    [
        (Rights(attribution="Film by Ann (CC BY 4.0)"), "Bob", "Film by Ann (CC BY 4.0)\nSource: https://x.org/v"),
        (
            Rights(owner="Ann", licence="CC-BY-4.0", licence_url="https://cc.org/by"),
            None,
            "“Title” by Ann, CC-BY-4.0, https://cc.org/by\nSource: https://x.org/v",
        ),
        (Rights(), "Bob", "“Title” by Bob\nSource: https://x.org/v"),
        (Rights(), None, "Source: https://x.org/v"),
    ],
)
def test_the_description_credits_as_far_as_the_source_tells(rights: Rights, author: str | None, wanted: str) -> None:
    assert describe(_clip("https://x.org/v", rights, author)) == wanted


def test_a_local_path_is_never_shown() -> None:
    assert describe(_clip("file:///home/ann/holiday.mp4", Rights(), None)) == ""


def _clip(url: str, rights: Rights, author: str | None) -> Clip:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return Clip(
        clip_id="web:a",
        source_url=url,
        title="Title",
        media=MediaRef(uri="media://clips/web/a/source.mp4", bytes=1, sha256="0" * 64, content_type="video/mp4"),
        duration=5,
        width=320,
        height=180,
        fps=25,
        video_codec="h264",
        candidate=Candidate(
            candidate_id="web:a", url=url, title="Title", source="t", author=author, rights=rights, published_at=when
        ),
    )


def test_a_very_wide_picture_is_fitted_unless_the_recipe_says_otherwise() -> None:
    track = Framing(mode="track")
    assert framing_mode("auto", track, 19.2) == "fit"
    assert framing_mode("auto", None, 3.1) == "fit"
    assert framing_mode("auto", track, 2.39) == "track"
    assert framing_mode("center", track, 19.2) == "center"


@pytest.mark.parametrize(
    ("source", "mode", "said"),
    [
        ((1920, 1080), "track", ""),
        ((1920, 1080), "fit", ""),
        ((854, 480), "center", ""),
        ((640, 360), "center", "5.3 times"),
        ((16, 16), "center", "120.0 times"),
        ((1920, 100), "fit", "97 % of the picture is background"),
        ((32, 4), "fit", "33.8 times"),
    ],
)
def test_what_a_source_is_too_small_or_too_wide_for_is_said(source: tuple[int, int], mode: str, said: str) -> None:
    remarks = picture_remarks(source, (1080, 1920), fit=mode == "fit")
    assert said in " ".join(remarks)
    assert bool(remarks) is bool(said)
