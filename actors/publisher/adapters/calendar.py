"""When posts go out: a ledger for each account, changed by compare-and-set.

Where a quota binds the accounts of a platform together they share one: a place in it is taken with one write, so
nothing has to be brought together again when a process dies.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from actors.publisher.core.ledger import Asked, Missed, Placed, place
from actors.publisher.core.limits import Limits, Quota
from actors.publisher.core.slots import Booking, Diary
from actors.publisher.ports import Place, Planned
from contracts.events import PublishRequested
from contracts.publishing import Account
from contracts.work import Channel
from runtime.claims import Claim, ClaimLost, Claims
from runtime.errors import Reject, Retry
from runtime.jitter import jitter

__all__ = ["LedgerCalendar"]

_BOOKINGS = TypeAdapter(dict[str, Booking])
_MEMORY = timedelta(days=2)  # longer than any calendar day, and than the longest gap
_BRIEF = timedelta(hours=1)  # longer than the time between posts where neither quotas nor schedules count them
_FORGOTTEN = timedelta(days=60)
_MOST = 700_000
"""Bytes of a ledger from which on it takes nothing new. A message may have 1,048,576; the rest is for what happens to
those that are in it."""
_FULL = timedelta(hours=1), timedelta(days=1)
"""How long to wait for room in a ledger, at least and at most: so long that a timer keeps what waits."""


Decision = Callable[[Mapping[str, Booking], datetime], Placed | Missed | None]
"""What becomes of a publication among all bookings of its platform, its own with them, at a time."""


class LedgerCalendar:
    """See `Calendar`. `grace`: seconds by which a post may be late before it counts as missed."""

    def __init__(self, claims: Claims, *, clock: Callable[[], datetime], grace: float) -> None:
        self._claims = claims
        self._clock = clock
        self._grace = timedelta(seconds=grace)
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # of one process the slots need not race

    async def place(self, request: PublishRequested, channel: Channel, limits: Limits, account: Account) -> Place:
        """See `Calendar.place`. Raises `Reject` as well where no slot is free for a year."""
        decide = partial(_decide, request, channel, limits, account, self._grace)
        memory = max((_MEMORY if quota.zone else quota.window for quota in limits.quotas), default=_BRIEF)
        memory = max(_MEMORY if channel.schedule else _BRIEF, memory)
        placed = await self._settle(_key(request.account_id, limits), request, decide, memory=memory)
        if isinstance(placed, Missed):
            raise Reject(
                f"{request.publication_id} was due on {request.account_id} at {_said(placed.at, channel)}, and the "
                f"channel {channel.channel_id!r} skips what is late",
                advice="Publish it again without `publish_at`, or set the channel's `schedule.late` to `post`",
            )
        if placed is None:
            raise Reject(
                f"no slot of the channel {channel.channel_id!r} is free on {request.account_id} within a year",
                advice="Let its `schedule` have more slots, or publish on fewer channels or accounts",
            )
        booking = placed.booking
        return Place(booking.at, booking.handed is not None, _note(placed, channel, account.platform))

    async def release(self, request: PublishRequested) -> None:
        """See `Calendar.release`."""
        await self._change(request, lambda _bookings, now: Missed(now))

    async def move(self, request: PublishRequested, at: datetime) -> None:
        """See `Calendar.move`."""

        def elsewhere(bookings: Mapping[str, Booking], now: datetime) -> Placed | Missed:
            before = bookings.get(request.publication_id)
            return Placed(before.model_copy(update={"at": at, "wanted": at})) if before else Missed(now)

        await self._change(request, elsewhere)

    async def _change(self, request: PublishRequested, decide: Decision) -> None:
        for key in _keys(request.account_id):
            if await self._claims.get(key) is not None:
                await self._settle(key, request, decide, memory=_FORGOTTEN)

    async def planned(self, account_id: str) -> list[Planned]:
        """See `Calendar.planned`."""
        ledgers, now = [await self._claims.get(key) for key in _keys(account_id)], self._clock()
        waiting = [
            Planned(ident, account_id, booking.at, booking.wanted)
            for ledger in ledgers
            if ledger is not None
            for ident, booking in _bookings(ledger).items()
            if booking.account_id == account_id and (booking.handed is None or booking.at > now)
        ]
        return sorted(waiting, key=lambda planned: planned.at)

    async def _settle(
        self, key: str, request: PublishRequested, decide: Decision, *, memory: timedelta
    ) -> Placed | Missed | None:
        """Write down what is decided, and decide anew where the ledger was changed meanwhile."""
        ident = request.publication_id
        async with self._turns[key]:
            while True:
                ledger, now = await self._claims.take(key, "calendar"), self._clock()
                bookings = _bookings(ledger)
                decided = decide(bookings, now)
                booked = {ident: decided.booking} if isinstance(decided, Placed) else {}
                if booked.get(ident) == bookings.get(ident):
                    return decided
                if any(booking.gap_min for booking in bookings.values()):
                    memory = max(_MEMORY, memory)  # a channel with a schedule posts here too
                kept = {other: b for other, b in bookings.items() if other != ident and _counts(b, now, memory)}
                if booked and ident not in bookings:
                    _has_room(key, kept, now, memory)
                try:
                    await self._claims.advance(ledger, "kept", bookings=_json({**kept, **booked}))
                except ClaimLost:
                    await asyncio.sleep(jitter(0.0, 0.02))
                else:
                    return decided


def _decide(
    request: PublishRequested,
    channel: Channel,
    limits: Limits,
    account: Account,
    grace: timedelta,
    bookings: Mapping[str, Booking],
    now: datetime,
) -> Placed | Missed | None:
    ident, account_id = request.publication_id, request.account_id
    others = (booking for other, booking in bookings.items() if other != ident)
    diary = Diary(others, account_id=account_id, quotas=limits.quotas, since=account.connected_at)
    asked = Asked(account_id, request.publish_at, channel.schedule, limits.schedules, grace)
    return place(asked, bookings.get(ident), diary, now)


def _key(account_id: str, limits: Limits) -> str:
    own, shared = _keys(account_id)
    return shared if any(quota.scope == "project" for quota in limits.quotas) else own


def _keys(account_id: str) -> tuple[str, str]:
    """The account's own ledger, and that of its platform."""
    return f"ledger/{account_id}", f"ledger/{account_id.partition(':')[0]}"


def _bookings(ledger: Claim) -> dict[str, Booking]:
    return _BOOKINGS.validate_python(ledger.data.get("bookings", {}))


def _json(bookings: dict[str, Booking]) -> dict[str, Any]:
    written: dict[str, Any] = _BOOKINGS.dump_python(bookings, mode="json", exclude_defaults=True)
    return written


def _counts(booking: Booking, now: datetime, memory: timedelta) -> bool:
    """Whether it can still stand in the way of another, or is still to come."""
    return now - max(booking.at, booking.counted) < (memory if booking.handed else _FORGOTTEN)


def _has_room(key: str, bookings: dict[str, Booking], now: datetime, memory: timedelta) -> None:
    size = len(_BOOKINGS.dump_json(bookings, exclude_defaults=True))
    if size >= _MOST:
        least, most = _FULL
        first = min(max(booking.at, booking.counted) for booking in bookings.values()) + memory
        raise Retry(
            f"{len(bookings):,} publications are in the {key}, and no more can be planned there for now",
            after=max(least, min(most, first - now)).total_seconds(),
            advice="Wait until some of them are out, or let the channel's `schedule` have more slots",
        )


def _note(placed: Placed, channel: Channel, platform: str) -> str | None:
    at = _said(placed.booking.at, channel)
    if placed.late:
        return f"it was due at {_said(placed.late, channel)} and could not go out then; it is planned for {at}"
    if placed.full:
        wanted = placed.booking.wanted
        instead = f" in place of {_said(wanted, channel)}" if wanted else ""
        return f"{platform} takes at most {_rule(placed.full)}; it is planned for {at}{instead}"
    return None


def _rule(quota: Quota) -> str:
    hours = quota.window / timedelta(hours=1)
    time = f"a day ({quota.zone})" if quota.zone else f"in {hours:g} h" if hours >= 1 else f"in {hours * 60:g} min"
    whose = "on one account" if quota.scope == "account" else "of all accounts together"
    counted = f" (each takes {quota.each:,} of {quota.most:,} {quota.unit})" if quota.each > 1 else ""
    return f"{quota.posts} {'post' if quota.posts == 1 else 'posts'} {time} {whose}{counted}"


def _said(moment: datetime, channel: Channel) -> str:
    zone = channel.schedule.zone if channel.schedule else UTC
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"
