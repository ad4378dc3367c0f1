"""Refusals of servers: how long to wait, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from runtime.replies import fault_of, retry_after, seconds_of


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("12", 12),
        (" 1.5 ", 1.5),
        ("9" * 400, 86400),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
    ],
)
def test_a_wait_is_a_number_or_a_date_and_never_over_a_day(told: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": told}) == seconds


def test_without_the_header_no_wait_is_told() -> None:
    assert retry_after({}) is None


def test_a_wait_until_a_date_is_counted_from_now() -> None:
    date = datetime.now(UTC) + timedelta(seconds=90)
    for told in (format_datetime(date, usegmt=True), f"{date:%a, %d %b %Y %H:%M:%S}"):
        assert retry_after({"retry-after": told}) == pytest.approx(90, abs=3)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("27", 27),
        ("27s", 27),
        ("27ms", 0.027),
        ("2m59.56s", 179.56),
        ("1h2m3s", 3723),
        ("350ms", 0.35),
        ("2m", 120),
        ("s", None),
        ("", None),
        ("1 s", None),
        ("²", None),
    ],
)
def test_durations_are_read_as_services_write_them(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('{"error": {"code": "gone", "message": "no"}}', {"code": "gone", "message": "no"}),
        (b'{"error": "no"}', {"message": "no"}),
        ('{"error": null}', {}),
        ('{"detail": "no"}', {}),
        ("[1, 2]", {}),
        ("[" * 5000, {}),
        (b"\xff", {}),
        ("over capacity", {}),
    ],
)
def test_a_fault_is_what_stands_under_error(body: str | bytes, fault: dict[str, Any]) -> None:
    assert fault_of(body) == fault
