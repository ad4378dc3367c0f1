"""The local score: bounded, reproducible, and open about what it does not know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.ranker.core import WEIGHTS, rank, words
from contracts.media import Candidate, ScorePart

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def candidate(**fields: Any) -> Candidate:
    known = {"candidate_id": "youtube:abc", "url": "https://example.org/v", "title": "A video", "source": "youtube"}
    return Candidate(**{**known, **fields})


def part(parts: tuple[ScorePart, ...], name: str) -> ScorePart:
    return next(part for part in parts if part.name == name)


def value(name: str, niche: str = "ai tools", **fields: Any) -> float:
    found = part(rank(candidate(**fields), niche=niche, now=NOW)[1], name).value
    assert found is not None
    return found


counts = st.none() | st.integers(min_value=0, max_value=10**12)
dates = st.none() | st.integers(-4_000_000_000, 4_000_000_000).map(lambda seconds: NOW - timedelta(seconds=seconds / 2))
durations = st.none() | st.floats(min_value=0, max_value=1e7, allow_nan=False)
texts = st.text(max_size=40)
candidates = st.builds(
    candidate,
    title=texts,
    description=texts,
    tags=st.lists(texts, max_size=4).map(tuple),
    views=counts,
    likes=counts,
    comments=counts,
    published_at=dates,
    duration=durations,
)


@given(candidates, texts)
def test_score_and_parts_stay_within_zero_and_one(one: Candidate, niche: str) -> None:
    score, parts = rank(one, niche=niche, now=NOW)
    assert 0 <= score <= 1
    assert [part.name for part in parts] == list(WEIGHTS)
    assert all(part.value is None or 0 <= part.value <= 1 for part in parts)


@given(candidates, texts)
def test_weights_add_up_to_one_and_the_score_is_their_sum(one: Candidate, niche: str) -> None:
    score, parts = rank(one, niche=niche, now=NOW)
    assert sum(part.weight for part in parts) == pytest.approx(1)
    assert score == pytest.approx(sum(part.weight * (part.value or 0) for part in parts), abs=1e-4)
    assert all((part.value is None) == (part.weight == 0) for part in parts)
    assert all(part.why for part in parts)


@given(candidates, texts)
def test_the_same_candidate_has_the_same_score(one: Candidate, niche: str) -> None:
    again = Candidate.model_validate_json(one.model_dump_json())
    assert rank(one, niche=niche, now=NOW) == rank(again, niche=niche, now=NOW)


@given(candidates, st.integers(0, 10**9), st.integers(0, 10**9))
def test_more_views_never_lower_the_velocity_nor_the_score_where_likes_are_not_told(
    one: Candidate, some: int, more: int
) -> None:
    published = one.published_at or NOW - timedelta(days=3)
    fewer, many = (
        rank(one.model_copy(update={"views": n, "likes": None, "published_at": published}), niche="ai", now=NOW)
        for n in (some, some + more)
    )
    assert (part(fewer[1], "velocity").value or 0) <= (part(many[1], "velocity").value or 0)
    assert fewer[0] <= many[0]


@given(candidates, st.sampled_from(["views", "likes", "comments", "duration", "published_at"]))
def test_a_missing_fact_changes_no_part_that_does_not_need_it(one: Candidate, field: str) -> None:
    needs = {
        "velocity": {"views", "published_at"},
        "engagement": {"views", "likes", "comments"},
        "length": {"duration"},
        "freshness": {"published_at"},
        "niche": set[str](),
    }
    before = rank(one, niche="ai tools", now=NOW)[1]
    after = rank(one.model_copy(update={field: None}), niche="ai tools", now=NOW)[1]
    for name, inputs in needs.items():
        if field not in inputs:
            assert part(before, name).value == part(after, name).value


def test_a_candidate_with_nothing_but_a_title_is_scored_by_its_fit_alone() -> None:
    score, parts = rank(candidate(title="Ten AI tools"), niche="ai tools", now=NOW)
    assert score == 1
    assert part(parts, "niche").weight == 1
    assert {p.name for p in parts if p.value is None} == {"velocity", "engagement", "length", "freshness"}
    assert "does not tell the views" in part(parts, "velocity").why


def test_the_same_views_in_less_time_are_worth_more() -> None:
    young = value("velocity", views=10_000, published_at=NOW - timedelta(days=1))
    old = value("velocity", views=10_000, published_at=NOW - timedelta(days=300))
    assert young > old + 0.3


def test_a_minute_old_video_with_few_views_is_not_taken_for_a_hit() -> None:
    assert value("velocity", views=60, published_at=NOW - timedelta(minutes=1)) < 0.4


def test_a_date_in_the_future_counts_as_now() -> None:
    ahead = NOW + timedelta(days=400)
    assert value("freshness", published_at=ahead) == 1
    assert value("velocity", views=500, published_at=ahead) == value("velocity", views=500, published_at=NOW)


def test_freshness_halves_in_fourteen_days() -> None:
    assert value("freshness", published_at=NOW - timedelta(days=14)) == pytest.approx(0.5)


def test_no_views_at_all_are_handled_as_a_fact() -> None:
    assert value("velocity", views=0, published_at=NOW) == 0
    assert value("engagement", views=0, likes=0, comments=0) == pytest.approx(0.5)


def test_engagement_out_of_few_views_is_drawn_to_the_usual_rate() -> None:
    few, many = value("engagement", views=10, likes=5), value("engagement", views=100_000, likes=50_000)
    assert 0.5 < few < 0.6
    assert many > 0.9


@pytest.mark.parametrize(
    ("seconds", "low", "high"),
    [(10, 0, 0), (45, 0.3, 0.7), (120, 1, 1), (1200, 1, 1), (7200, 0.2, 0.6), (90_000, 0.2, 0.2)],
)
def test_length_is_best_between_two_and_thirty_minutes(seconds: float, low: float, high: float) -> None:
    assert low <= value("length", duration=seconds) <= high


@pytest.mark.parametrize(
    ("niche", "title"),
    [
        ("ai tools", "The best AI tool of 2026"),
        ("cafés", "Das schönste Café"),
        ("schöne straßen", "SCHONE STRASSEN"),
        ("машинное обучение", "Машинное Обучение за час"),
        ("机器学习", "零基础机器学习课程"),
        ("ロボット", "ロボットの世界"),
        ("\uff21\uff29", "ai in full width"),
        ("हिन्दी", "हिन्दी में कहानी"),
        ("שלום", "שָׁלוֹם"),
    ],
)
def test_words_are_found_in_any_script_and_spelling(niche: str, title: str) -> None:
    assert value("niche", niche=niche, title=title) == 1


def test_the_title_counts_more_than_tags_and_these_more_than_the_description() -> None:
    title = value("niche", niche="robot", title="Robots")
    tags = value("niche", niche="robot", tags=("robots",))
    text = value("niche", niche="robot", description="about robots")
    assert title > tags > text > value("niche", niche="robot") == 0


def test_words_of_another_meaning_are_not_found_inside_longer_ones() -> None:
    assert value("niche", niche="art", title="The party starts") == 0


def test_a_niche_without_words_fits_nothing_and_says_so() -> None:
    _, parts = rank(candidate(), niche="!!!", now=NOW)
    assert part(parts, "niche").value == 0
    assert "no words" in part(parts, "niche").why


def test_filler_words_of_a_niche_do_not_count() -> None:
    assert value("niche", niche="how to cook", title="Cook rice") == 1
    assert words("Cities and buses") == ["city", "and", "buse"]


def test_each_reason_has_the_numbers_in_it() -> None:
    one = candidate(views=12_345, likes=321, comments=12, duration=303, published_at=NOW - timedelta(days=2))
    reasons = {p.name: p.why for p in rank(one, niche="ai tools", now=NOW)[1]}
    assert "12,345 views in 2 days" in reasons["velocity"]
    assert "321 likes and 12 comments" in reasons["engagement"]
    assert "5:03" in reasons["length"]
    assert "0 of 2 niche words" in reasons["niche"]
