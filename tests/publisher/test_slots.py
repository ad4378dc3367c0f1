"""Slots: whatever is asked, no rule of the schedule and no quota is broken, over changes of the clock too.

The rules are checked here by another way than they are kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from actors.publisher.core.ledger import Asked, Missed, Placed, place
from actors.publisher.core.limits import Quota
from actors.publisher.core.slots import Booking, Diary, slots
from contracts.events import PublishRequested
from contracts.publishing import WEEK, Schedule, Span, Weekday
from contracts.work import Channel
from tests.publisher.rules import broken, broken_quotas

ACCOUNTS = ("youtube:a", "youtube:b")
CONNECTED = datetime(2026, 3, 20, tzinfo=UTC)
# Clocks that change by an hour, by half of one, and at midnight, which then does not exist.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut")


def day_times() -> st.SearchStrategy[time]:
    return st.integers(0, 95).map(lambda quarter: time(quarter // 4, 15 * (quarter % 4)))


def spans() -> st.SearchStrategy[Span]:
    return st.tuples(day_times(), day_times()).filter(lambda ends: ends[0] != ends[1]).map(_span)


def _span(ends: tuple[time, time]) -> Span:
    return Span(start=ends[0], end=ends[1])


@st.composite
def schedules(draw: st.DrawFn) -> Schedule | None:
    days: list[Weekday] = draw(st.lists(st.sampled_from(WEEK), min_size=1, unique=True))
    try:
        return Schedule(
            timezone=draw(st.sampled_from(ZONES)),
            days=tuple(days),
            times=tuple(draw(st.lists(day_times(), max_size=4))),
            per_day=draw(st.integers(1, 8)),
            between=draw(spans()),
            quiet=tuple(draw(st.lists(spans(), max_size=1))),
            gap_min=draw(st.sampled_from([0, 20, 90, 600])),
            warm_up=tuple(draw(st.lists(st.integers(0, 2), max_size=3))),
        )
    except ValidationError:  # quiet all day
        return None


def quotas() -> st.SearchStrategy[tuple[Quota, ...]]:
    one = st.builds(
        Quota,
        most=st.integers(1, 4),
        window=st.sampled_from([timedelta(hours=1), timedelta(hours=24), timedelta(days=3)]),
        scope=st.sampled_from(["account", "project"]),
        zone=st.sampled_from([None, None, "America/Los_Angeles", "Africa/Cairo"]),
    )
    return st.lists(one, max_size=2).map(tuple)


def starts() -> st.SearchStrategy[datetime]:
    """Around the days on which clocks change."""
    days = [date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 5), date(2026, 10, 4), date(2026, 4, 24)]
    return st.builds(
        lambda day, minutes: datetime.combine(day, time(), tzinfo=UTC) + timedelta(minutes=minutes),
        st.sampled_from(days),
        st.integers(-4 * 24 * 60, 24 * 60),
    )


def asked(schedule: Schedule | None, account: str = ACCOUNTS[0], wanted: datetime | None = None) -> Asked:
    return Asked(account, wanted, schedule, None, timedelta(seconds=120))


def ask(
    question: Asked, ledger: dict[str, Booking], ident: str, rules: Sequence[Quota], now: datetime
) -> Placed | Missed | None:
    """As the calendar asks and writes down."""
    others = [booking for other, booking in ledger.items() if other != ident]
    diary = Diary(others, account_id=question.account_id, quotas=rules, since=CONNECTED)
    outcome = place(question, ledger.get(ident), diary, now)
    if isinstance(outcome, Placed):
        ledger[ident] = outcome.booking
    return outcome


@settings(max_examples=60, deadline=None)
@given(schedules(), quotas(), starts(), st.lists(st.sampled_from(ACCOUNTS), min_size=1, max_size=9))
def test_no_rule_is_broken_and_no_earlier_slot_would_have_done(
    schedule: Schedule | None, rules: tuple[Quota, ...], now: datetime, accounts: list[str]
) -> None:
    if schedule is None:
        return
    ledger: dict[str, Booking] = {}
    for n, account in enumerate(accounts):
        before = list(ledger.values())
        placed = ask(asked(schedule, account), ledger, f"p{n}", rules, now)
        assert isinstance(placed, Placed)
        assert placed.booking.at >= now
        assert broken(schedule, rules, list(ledger.values()), since=CONNECTED) == set()
        for earlier in slots(schedule, now):
            if earlier >= placed.booking.at:
                break
            assert broken(schedule, rules, [*before, Booking(account_id=account, at=earlier)], since=CONNECTED)


@settings(max_examples=40, deadline=None)
@given(schedules(), quotas(), starts(), st.lists(st.integers(0, 72), min_size=1, max_size=8))
def test_a_person_s_time_is_kept_to_unless_a_quota_forbids_it(
    schedule: Schedule | None, rules: tuple[Quota, ...], now: datetime, hours: list[int]
) -> None:
    ledger: dict[str, Booking] = {}
    for n, hour in enumerate(hours):
        wanted = now + timedelta(hours=hour)
        before = list(ledger.values())
        placed = ask(asked(schedule, wanted=wanted), ledger, f"p{n}", rules, now)
        assert isinstance(placed, Placed)
        booking = Booking(account_id=ACCOUNTS[0], at=wanted)
        forbidden = bool(broken_quotas(rules, [*before, booking]))
        assert (placed.booking.at == wanted) is not forbidden
        assert (placed.full is not None) is forbidden
        assert not broken_quotas(rules, list(ledger.values()))


@settings(max_examples=60, deadline=None)
@given(schedules(), quotas(), starts(), st.integers(1, 8))
def test_asking_again_keeps_the_place_also_when_others_came_between(
    schedule: Schedule | None, rules: tuple[Quota, ...], now: datetime, count: int
) -> None:
    ledger: dict[str, Booking] = {}
    for n in range(count):
        ask(asked(schedule), ledger, f"p{n}", rules, now)
    first = dict(ledger)
    for n in range(count):
        ask(asked(schedule), ledger, f"p{n}", rules, now)
    assert ledger == first


@settings(max_examples=60, deadline=None)
@given(schedules(), quotas(), starts(), st.integers(2, 8), st.integers(1, 9))
def test_what_came_due_while_nothing_ran_goes_out_one_by_one_with_every_gap_kept(
    schedule: Schedule | None, rules: tuple[Quota, ...], now: datetime, count: int, days: int
) -> None:
    ledger: dict[str, Booking] = {}
    for n in range(count):
        ask(asked(schedule, wanted=None if schedule else now + timedelta(hours=1)), ledger, f"p{n}", rules, now)
    later = now + timedelta(days=days)
    late = {ident: booking for ident, booking in ledger.items() if later - booking.at > timedelta(seconds=120)}
    late = {ident: booking for ident, booking in late.items() if booking.handed is None}
    for ident in late:
        ask(asked(schedule), ledger, ident, rules, later)
    again = sorted(ledger[ident].at for ident in late)
    assert all(moment >= later for moment in again)
    assert all(b - a >= (schedule.gap if schedule else timedelta(minutes=5)) for a, b in pairwise(again))
    assert len(set(again)) == len(again)
    assert not broken_quotas(rules, list(ledger.values()))


BERLIN = Schedule(timezone="Europe/Berlin", times=(time(2, 30),), gap_min=0)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "start", "moments"),
    [
        pytest.param(
            BERLIN,
            utc(2026, 3, 28),
            [utc(2026, 3, 28, 1, 30), utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30)],
            id="a time that does not exist is an hour later on the clock",
        ),
        pytest.param(
            BERLIN,
            utc(2026, 10, 24),
            [utc(2026, 10, 24, 0, 30), utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)],
            id="a time that exists twice is used once",
        ),
        pytest.param(
            BERLIN.model_copy(update={"times": (time(2, 30), time(3, 30))}),
            utc(2026, 3, 29),
            [utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30), utc(2026, 3, 30, 1, 30)],
            id="two times that become one are one slot",
        ),
        pytest.param(
            Schedule(timezone="Europe/Berlin", per_day=3),
            utc(2026, 3, 28, 12),
            [utc(2026, 3, 28, 12), utc(2026, 3, 28, 16), utc(2026, 3, 29, 7), utc(2026, 3, 29, 11)],
            id="evenly between",
        ),
        pytest.param(
            Schedule(days=("fri",), per_day=3, between=Span(start=time(20), end=time(2))),
            utc(2026, 11, 21, 0, 1),
            [utc(2026, 11, 27, 20), utc(2026, 11, 27, 22), utc(2026, 11, 28, 0), utc(2026, 12, 4, 20)],
            id="a night belongs to the day on which it begins",
        ),
        pytest.param(
            Schedule(times=(time(8), time(23)), quiet=(Span(start=time(22), end=time(7)),)),
            utc(2026, 11, 21),
            [utc(2026, 11, 21, 8), utc(2026, 11, 22, 8)],
            id="quiet over midnight",
        ),
    ],
)
def test_slots_of_a_day(schedule: Schedule, start: datetime, moments: list[datetime]) -> None:
    found = slots(schedule, start)
    assert [next(found) for _ in moments] == moments


def test_a_new_account_warms_up_week_by_week() -> None:
    schedule, ledger = Schedule(per_day=4, warm_up=(1, 2)), dict[str, Booking]()
    for n in range(40):
        ask(asked(schedule), ledger, f"p{n}", (), CONNECTED)
    days = Counter((booking.at - CONNECTED).days for booking in ledger.values())
    assert [days[day] for day in range(15)] == [1] * 7 + [2] * 7 + [4]


def test_a_project_s_quota_binds_its_accounts_together() -> None:
    ledger: dict[str, Booking] = {}
    rule = Quota(2, scope="project", zone="America/Los_Angeles")
    now = utc(2026, 11, 21, 12)
    for n in range(4):
        ask(asked(None, ACCOUNTS[n % 2]), ledger, f"p{n}", (rule,), now)
    midnight = utc(2026, 11, 22, 8)
    assert [booking.at for booking in ledger.values()] == [now, now, midnight, midnight]


def test_a_platform_that_keeps_times_itself_is_sent_ahead_what_today_s_quota_allows() -> None:
    question = Asked(ACCOUNTS[0], None, Schedule(per_day=1), (timedelta(0), timedelta(days=30)), timedelta(seconds=120))
    ledger: dict[str, Booking] = {}
    now = utc(2026, 11, 21, 12)
    for n in range(4):
        ask(question, ledger, f"p{n}", (Quota(2),), now)
    assert [booking.handed for booking in ledger.values()] == [now, now, None, None]


def test_what_is_late_is_skipped_where_the_channel_says_so_but_not_what_was_tried_in_time() -> None:
    schedule = Schedule(times=(time(12),), late="skip")
    now, noon = utc(2026, 11, 21, 11), utc(2026, 11, 21, 12)
    ledger: dict[str, Booking] = {}
    for ident in ("missed", "tried"):
        ask(asked(schedule, wanted=noon), ledger, ident, (), now)
    ask(asked(schedule), ledger, "tried", (), noon)
    hour_later = noon + timedelta(hours=1)
    assert ask(asked(schedule), ledger, "missed", (), hour_later) == Missed(noon)
    tried = ask(asked(schedule), ledger, "tried", (), hour_later)
    assert isinstance(tried, Placed)
    assert (tried.booking.at, tried.late) == (noon + timedelta(days=1), noon)


def test_a_schedule_that_could_never_let_anything_out_is_refused() -> None:
    with pytest.raises(ValidationError, match="nothing would ever go out"):
        Schedule(times=(time(23),), quiet=(Span(start=time(22), end=time(7)),))
    with pytest.raises(ValidationError, match="those of `timezone`"):
        Schedule.model_validate({"times": ["09:00+02:00"]})


def test_the_examples_of_the_documentation_are_valid() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "scheduling.md").read_text()
    examples = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    *channels, command = examples
    assert [Channel.model_validate_json(channel, extra="forbid").schedule is None for channel in channels] == [
        False
    ] * 2
    assert PublishRequested.model_validate_json(command, extra="forbid").publish_at is not None
