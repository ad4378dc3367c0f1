"""What the sources' words mean."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.discovery.core import (
    iso_duration,
    lucene_words,
    plain_text,
    runtime_seconds,
    scan_id_for,
    sources_to_ask,
    timestamp,
    watch_scan_id,
)
from contracts.events import DiscoveryRequested


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:02:03", 3723),
        ("00:15:30.5", 930.5),
        ("15:30", 930),
        ("75:00", 4500),
        ("~ 12 min", 720),
        ("90 seconds", 90),
        ("90s", 90),
        ("1 hour 20 min", 4800),
        ("1 hr. 20 mins", 4800),
        ("2h5m", 7500),
        ("1.5 hours", 5400),
        ("3 minutes, 5 seconds", 185),
        ("PT5M3S", 303),
        ("60.25", 60.25),
        ("1800", 1800),
        ("28", None),
        ("1:99:00", None),
        ("12:75", None),
        ("0:00", None),
        ("", None),
        ("unknown", None),
        ("16mm film", None),
        ("2 reels", None),
    ],
)
def test_runtimes_are_read_as_people_write_them(text: str, seconds: float | None) -> None:
    assert runtime_seconds(text) == seconds


@given(st.text() | st.from_regex(r"[0-9hms:., PTDHMS]{0,20}"))
def test_no_text_breaks_the_reading_of_runtimes_and_dates(text: str) -> None:
    value = runtime_seconds(text)
    assert value is None or value > 0
    iso_duration(text)
    timestamp(text)


@given(st.integers(1, 359_999))
def test_a_clock_time_is_read_back(seconds: int) -> None:
    clock = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    assert runtime_seconds(clock) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT1H2M3S", 3723), ("PT59S", 59), ("P1DT1S", 86_401), ("P0D", None), ("PT", None), ("5", None)],
)
def test_iso_durations_are_read(text: str, seconds: float | None) -> None:
    assert iso_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T10:00:00Z", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:00:00+02:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        (None, None),
    ],
)
def test_times_are_in_utc_or_not_there(text: str | None, moment: datetime | None) -> None:
    assert timestamp(text) == moment


@given(st.text(alphabet='ab +-&|!(){}[]^"~*?:\\/<>=', max_size=20))
def test_no_special_character_of_lucene_stays_free(niche: str) -> None:
    unescaped = re.sub(r"\\.", "", lucene_words(niche))
    assert not set(unescaped) & set('+-&|!(){}[]^"~*?:\\/<>=')


def test_html_becomes_text() -> None:
    assert plain_text("a<br/>b &lt;3 <b>c</b>\n\n\n\nd<!-- e -->") == "a\nb <3 c\n\nd"
    assert plain_text("1 < 2 and 3 > 2") == "1 < 2 and 3 > 2"


@given(st.text(max_size=200))
def test_any_text_can_be_plain(text: str) -> None:
    assert "\n\n\n" not in plain_text(text)


def test_sources_are_those_of_the_request_else_of_the_channel_else_all() -> None:
    known = ["a", "b"]
    assert sources_to_ask(["b", "b", "x"], ["a"], known) == (["b"], ["x"])
    assert sources_to_ask([], ["a"], known) == (["a"], [])
    assert sources_to_ask([], [], known) == (["a", "b"], [])


@given(st.text(min_size=1, max_size=50), st.sets(st.text(max_size=10)))
def test_made_up_scan_ids_fit_the_contract_and_their_causes(event_id: str, files: set[str]) -> None:
    for made in (scan_id_for(None, event_id), watch_scan_id(files)):
        assert DiscoveryRequested(niche="x", scan_id=made).scan_id == made
    assert watch_scan_id(sorted(files)) == watch_scan_id(sorted(files, reverse=True))
    assert scan_id_for("given", event_id) == "given"
