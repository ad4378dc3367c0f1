"""What becomes of one request for a place: the place it has, another one, or none because it is too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from actors.publisher.core.limits import Quota
from actors.publisher.core.slots import Booking, Diary
from contracts.publishing import Schedule

__all__ = ["APART", "SOON", "Asked", "Missed", "Placed", "place"]

SOON = timedelta(seconds=1)
"""What is due so soon is due: clocks differ by as much."""
APART = timedelta(minutes=5)
"""Between posts that cannot go out when they should, in a channel without a schedule: they never come in a burst."""


@dataclass(frozen=True)
class Asked:
    """A request for a place. `ahead`: how far ahead the platform itself takes a time, from and to."""

    account_id: str
    wanted: datetime | None
    schedule: Schedule | None
    ahead: tuple[timedelta, timedelta] | None
    grace: timedelta


@dataclass(frozen=True)
class Placed:
    """Its place. `full`: the quota that moved it; `late`: when it was due and did not go out."""

    booking: Booking
    full: Quota | None = None
    late: datetime | None = None


@dataclass(frozen=True)
class Missed:
    """It gets none: it was due at `at`, and the channel skips what is late."""

    at: datetime


def place(asked: Asked, before: Booking | None, diary: Diary, now: datetime) -> Placed | Missed | None:
    """Its place among those of others (`diary`); none: there is no free slot within `slots.HORIZON`.

    The one that it has (`before`) is kept, unless somebody names another time, a quota forbids it, or it is late by
    more than `asked.grace`.
    """
    if before is not None and asked.wanted not in (None, before.wanted):
        before = None
    wanted, schedule = before.wanted if before else asked.wanted, asked.schedule
    due = before.at if before else wanted
    if before and before.handed and not wanted and not schedule:
        due = None  # nobody has named a time: whenever it is tried again, it is due
    full = late = None
    at: datetime | None
    if due is not None and now - due > asked.grace:
        # What was handed out in time and could not be sent then was not missed.
        if schedule and schedule.late == "skip" and not (before and before.handed):
            return Missed(due)
        late = due
        at = diary.slot(schedule, now) if schedule else diary.free(now, gap=APART)
    elif due is None and schedule:
        at = diary.slot(schedule, now)
    else:
        at = due or now
        full = None if before and before.handed else diary.full(max(at, now))
        if full is not None:
            at = diary.free(max(at, now), gap=(schedule and schedule.gap) or APART)
    if at is None:
        return None
    booking = before if before and before.at == at else _booking(asked, at, wanted)
    return Placed(_handed(booking, asked, diary, now), full, late)


def _booking(asked: Asked, at: datetime, wanted: datetime | None) -> Booking:
    gap = asked.schedule.gap_min if asked.schedule else 0.0
    return Booking(account_id=asked.account_id, at=at, wanted=wanted, gap_min=gap)


def _handed(booking: Booking, asked: Asked, diary: Diary, now: datetime) -> Booking:
    """The booking; handed out if it is to be sent now, because it is due or because the platform keeps the time."""
    wait = booking.at - now
    ahead = asked.ahead is not None and asked.ahead[0] <= wait <= asked.ahead[1]
    if wait <= SOON or (ahead and (booking.handed or diary.full(now) is None)):
        return booking if booking.handed else booking.model_copy(update={"handed": now})
    return booking.model_copy(update={"handed": None})
