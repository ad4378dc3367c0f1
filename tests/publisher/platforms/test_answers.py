"""Other people's JSON may hold anything: what it does not tell is absent, and a refusal says what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.adapters.platforms.answers import (
    Refusals,
    number_of,
    object_of,
    objects_of,
    sum_of,
    text_of,
    time_of,
    whole_of,
    words_in,
)
from actors.publisher.ports import Answer
from runtime.errors import Reject, Unavailable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=8,
)
PATHS = st.lists(st.sampled_from("ab"), max_size=3)


@given(JSON, PATHS)
def test_whatever_stands_there_is_what_was_asked_for_or_absent(told: Any, path: list[str]) -> None:
    number, at = number_of(told, *path), time_of(told, *path)
    assert isinstance(text_of(told, *path), str)
    assert isinstance(whole_of(told, *path), int | None)
    assert number is None or abs(number) < float("inf")
    assert at is None or at.tzinfo is not None
    assert isinstance(object_of(told, *path), dict)
    assert all(isinstance(each, dict) for each in objects_of(told, *path))


def test_a_value_is_found_name_by_name() -> None:
    told = {"a": {"text": "x", "whole": 3, "real": 0.5, "inner": {"b": 1}, "list": [{"b": 1}, 2, None]}}
    assert text_of(told, "a", "text") == "x"
    assert whole_of(told, "a", "whole") == 3
    assert number_of(told, "a", "real") == 0.5
    assert number_of(told, "a", "whole") == 3
    assert object_of(told, "a", "inner") == {"b": 1}
    assert objects_of(told, "a", "list") == [{"b": 1}]


def test_a_sum_is_of_what_is_told() -> None:
    assert sum_of({"a": 1, "b": 2, "c": "3"}, "a", "b", "c") == 3
    assert sum_of({"c": "3"}, "a", "c") is None


def test_a_yes_is_no_number() -> None:
    assert whole_of(True) is None
    assert number_of(False) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400])
def test_what_cannot_be_reckoned_with_is_no_number(value: float) -> None:
    assert number_of(value) is None


def test_a_moment_has_an_offset_or_the_zone_that_the_platform_writes_it_in() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert time_of("2026-11-21T12:00:00Z") == noon
    assert time_of({"at": "2026-11-21T13:00:00.000+0100"}, "at") == noon
    assert time_of("2026-11-21T12:00:00") is None
    assert time_of("2026-11-21T12:00:00", zone=UTC) == noon
    assert time_of("2026-11-21T13:00:00+01:00", zone=UTC) == noon
    assert time_of("yesterday") is None


def test_words_are_the_first_that_are_told_in_one_short_line() -> None:
    assert words_in({"detail": "", "error": "not\n  this  one"}, "detail", "error") == "not this one"
    assert len(words_in({"error": "long " * 100}, "error")) == 300
    assert words_in({"error": None}, "detail", "error") == ""


REFUSALS = Refusals(lambda answer: words_in(answer.json(), "error"), moved="Look for it", advice={403: "Ask for it"})


def test_what_is_taken_is_read() -> None:
    assert REFUSALS.took(Answer(201, {}, b'{"id": 1}'), "it was not made") == {"id": 1}


@pytest.mark.parametrize(
    ("status", "advice"), [(403, "Ask for it"), (422, "Change what it names, then publish it again")]
)
def test_a_refusal_says_why_and_what_to_do(status: int, advice: str) -> None:
    with pytest.raises(Reject) as refused:
        REFUSALS.took(Answer(status, {}, b'{"error": "too long"}'), "it was not made")
    assert refused.value.what == "it was not made: too long"
    assert refused.value.advice == advice


@pytest.mark.parametrize(
    ("headers", "where"), [({"location": "https://b.example"}, "https://b.example"), ({}, "another address")]
)
def test_what_points_elsewhere_is_no_refusal(headers: dict[str, str], where: str) -> None:
    with pytest.raises(Unavailable) as elsewhere:
        REFUSALS.took(Answer(302, headers, b""), "it was not made")
    assert elsewhere.value.what == f"it was not made: it points to {where}"
    assert elsewhere.value.advice == "Look for it"
