"""Whether places keep a schedule and quotas, looked for in the plainest way, not as they are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from actors.publisher.core.limits import Quota
from actors.publisher.core.slots import Booking
from contracts.publishing import WEEK, Schedule

__all__ = ["broken", "broken_quotas"]


def broken(schedule: Schedule, quotas: Sequence[Quota], placed: Sequence[Booking], *, since: datetime) -> set[str]:
    """Names of the rules that do not hold. `since`: every account is connected."""
    zone = ZoneInfo(schedule.timezone)
    found = broken_quotas(quotas, placed)
    for account in {booking.account_id for booking in placed}:
        moments = sorted(booking.at for booking in placed if booking.account_id == account)
        local = [moment.astimezone(zone) for moment in moments]
        if len(set(moments)) < len(moments) or any(b - a < schedule.gap for a, b in pairwise(moments)):
            found.add("gap")
        if any(_quiet(schedule, moment) for moment in local):
            found.add("quiet")
        if any(not _on_its_day(schedule, moment) for moment in local):
            found.add("day")
        if not schedule.times and any(n > schedule.per_day for n in Counter(m.date() for m in local).values()):
            found.add("per day")
        for week, most in enumerate(schedule.warm_up):
            begin = since + timedelta(weeks=week)
            young = [m.date() for m in local if begin <= m < begin + timedelta(weeks=1)]
            if any(n > most for n in Counter(young).values()):
                found.add("warm-up")
    return found


def broken_quotas(quotas: Sequence[Quota], placed: Sequence[Booking]) -> set[str]:
    """Names of the quotas that do not hold."""
    accounts = {booking.account_id for booking in placed}
    groups = {
        "account": [[b.counted for b in placed if b.account_id == name] for name in accounts],
        "project": [[b.counted for b in placed]],
    }
    return {
        str(quota) for quota in quotas for group in groups[quota.scope] if _most(quota, group) * quota.each > quota.most
    }


def _most(quota: Quota, counted: Sequence[datetime]) -> int:
    if quota.zone:
        zone = ZoneInfo(quota.zone)
        return max(Counter(moment.astimezone(zone).date() for moment in counted).values(), default=0)
    return max((sum(a <= b < a + quota.window for b in counted) for a in counted), default=0)


def _quiet(schedule: Schedule, moment: datetime) -> bool:
    minute = moment.hour * 60 + moment.minute
    for span in schedule.quiet:
        first, last = (t.hour * 60 + t.minute for t in (span.start, span.end))
        if minute in {m % 1440 for m in range(first, last if last > first else last + 1440)}:
            return True
    return False


def _on_its_day(schedule: Schedule, moment: datetime) -> bool:
    """A span over midnight belongs to the day on which it begins."""
    days = {moment.date()}
    if not schedule.times and schedule.between.end <= schedule.between.start:
        days.add(moment.date() - timedelta(days=1))
    return any(WEEK[day.weekday()] in schedule.days for day in days)
