"""When a post may go out: by a channel's schedule, the platform's quotas, and what is placed already."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict

from actors.publisher.core.limits import Quota
from contracts.publishing import WEEK, Schedule

__all__ = ["HORIZON", "Booking", "Diary", "slots"]

HORIZON = timedelta(days=366)
"""How far ahead a slot is looked for."""
_WEEK = timedelta(days=7)
_LEAST = timedelta(seconds=1)  # no two posts of an account get the same moment


class Booking(BaseModel):
    """The place of one publication. `at`: when it is to be seen; `wanted`: when a person wants it to be.

    `handed`: when it was handed out to be sent, at its time or ahead of it; none: it waits. `gap_min`: minutes that its
    schedule keeps between two posts.
    """

    model_config = ConfigDict(frozen=True)

    account_id: str
    at: AwareDatetime
    wanted: AwareDatetime | None = None
    handed: AwareDatetime | None = None
    gap_min: float = 0.0

    @property
    def counted(self) -> datetime:
        """When a platform's quota counts it: as it is sent."""
        return self.handed or self.at


def slots(schedule: Schedule, start: datetime) -> Iterator[datetime]:
    """Moments of the schedule from `start` on, in UTC, rising, for `HORIZON`; those in quiet hours are left out."""
    zone, last = schedule.zone, start - _LEAST
    allowed = {WEEK.index(day) for day in schedule.days}
    day = start.astimezone(zone).date()
    for n in range(HORIZON.days):
        today = day + timedelta(days=n)
        times = (slot for later, slot in schedule.slots if (today - timedelta(days=later)).weekday() in allowed)
        for moment in sorted(_moment(today, slot, zone) for slot in times):
            clock = moment.astimezone(zone).time()
            if moment > last and moment >= start and not any(span.holds(clock) for span in schedule.quiet):
                yield moment
                last = moment


def _moment(day: date, slot: time, zone: ZoneInfo) -> datetime:
    """In UTC. PEP 495: a time that does not exist is read with the offset from before the change, so it is later by
    the hour that is missing; one that exists twice is the first."""
    return datetime.combine(day, slot, tzinfo=zone).astimezone(UTC)


class Diary:
    """What other publications of a platform have taken, as it binds one account. `since`: it is connected."""

    def __init__(
        self, bookings: Iterable[Booking], *, account_id: str, quotas: Sequence[Quota], since: datetime
    ) -> None:
        everything = list(bookings)
        self._own = sorted((b for b in everything if b.account_id == account_id), key=lambda b: b.at)
        self._since = since
        self._tallies = [
            _Tally(quota, sorted(b.counted for b in (self._own if quota.scope == "account" else everything)))
            for quota in quotas
        ]

    def full(self, moment: datetime) -> Quota | None:
        """The first quota that one more post at that moment would break."""
        return next((tally.quota for tally in self._tallies if tally.full(moment)), None)

    def slot(self, schedule: Schedule, start: datetime) -> datetime | None:
        """The first free slot from `start` on; none within `HORIZON`."""
        days = Counter(booking.at.astimezone(schedule.zone).date() for booking in self._own)
        for moment in slots(schedule, start):
            day = moment.astimezone(schedule.zone).date()
            if days[day] < self._most(schedule, moment) and self._apart(moment, schedule.gap) and not self.full(moment):
                return moment
        return None

    def free(self, start: datetime, *, gap: timedelta) -> datetime:
        """The first moment from `start` on that the quotas allow, and that is `gap` away from every other post."""
        freed = {start} | {moment for tally in self._tallies for moment in tally.freed}
        freed |= {booking.at + _between(booking, gap) for booking in self._own}
        # A rule that forbids a moment allows one of these first, and the last of them is allowed by all.
        return next(
            moment for moment in sorted(freed) if moment >= start and not self.full(moment) and self._apart(moment, gap)
        )

    def _most(self, schedule: Schedule, moment: datetime) -> float:
        """How many posts the day of that moment may have."""
        week = (moment - self._since) // _WEEK
        warm_up = schedule.warm_up[week] if 0 <= week < len(schedule.warm_up) else float("inf")
        return min(warm_up, float("inf") if schedule.times else schedule.per_day)

    def _apart(self, moment: datetime, gap: timedelta) -> bool:
        widest = max(gap, self._widest)
        first = bisect_left(self._own, moment - widest, key=lambda b: b.at)
        last = bisect_right(self._own, moment + widest, key=lambda b: b.at)
        return all(abs(moment - booking.at) >= _between(booking, gap) for booking in self._own[first:last])

    @cached_property
    def _widest(self) -> timedelta:
        return max((_between(booking, _LEAST) for booking in self._own), default=_LEAST)


def _between(booking: Booking, gap: timedelta) -> timedelta:
    """How far another post has to be away, by the rules of both."""
    return max(gap, timedelta(minutes=booking.gap_min), _LEAST)


class _Tally:
    """One quota and the moments that it counts, rising."""

    def __init__(self, quota: Quota, moments: Sequence[datetime]) -> None:
        self.quota = quota
        self._moments = moments
        self._zone = ZoneInfo(quota.zone) if quota.zone else None
        self._days = Counter(moment.astimezone(self._zone).date() for moment in moments) if self._zone else Counter()

    def full(self, moment: datetime) -> bool:
        """Whether one more would be too many: in its calendar day, or in any window that holds it."""
        if self._zone:
            return self._days[moment.astimezone(self._zone).date()] >= self.quota.posts
        window, most = self.quota.window, self.quota.posts
        near = self._moments[bisect_right(self._moments, moment - window) : bisect_left(self._moments, moment + window)]
        spans = zip(near, near[most - 1 :], strict=False)
        return any(max(last, moment) - min(first, moment) < window for first, last in spans)

    @property
    def freed(self) -> set[datetime]:
        """Moments at which the quota may allow what it did not allow before."""
        if self._zone:
            return {_moment(day + timedelta(days=1), time(0), self._zone) for day in self._days}
        return {moment + self.quota.window for moment in self._moments}
