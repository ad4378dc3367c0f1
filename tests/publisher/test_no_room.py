"""What cannot be placed for long is kept by a timer and says why: it never ends as a failure."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.publisher.actor import build
from actors.publisher.adapters.desk import Desk
from actors.publisher.core.limits import Limits
from actors.publisher.core.slots import Booking
from actors.publisher.ports import Place, Planned
from actors.publisher.settings import PublisherSettings
from contracts.events import PublishRequested
from contracts.publishing import Account
from contracts.subjects import PUBLISH_DONE, PUBLISH_PLANNED, PUBLISH_REQUESTED
from contracts.work import Channel
from runtime.errors import Retry
from tests.publisher.support import START, Bench, a_render, request
from tests.support.work import deliver

HALF_AN_HOUR_S = 1800.0
LONG = "a" * 120


async def fill(bench: Bench, key: str, at: timedelta) -> None:
    """As many bookings as a ledger holds, all due so long from now."""
    booking = Booking(account_id=f"outbox:{LONG}", at=START + at).model_dump(mode="json")
    many = {f"p_{n:020x}": booking for n in range(4200)}
    await bench.claims.advance(await bench.claims.take(key, "test"), "kept", bookings=many)


async def test_a_full_ledger_lets_a_post_wait_with_a_reason_until_there_is_room(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    asked = request(await a_render(bench.media))
    await fill(bench, "ledger/outbox:default", timedelta(days=90))
    for hours in (24, 48):
        work = await deliver(bench.publisher(), PUBLISH_REQUESTED, asked)
        (planned,) = work.of(PUBLISH_PLANNED)
        assert planned.at == START + timedelta(hours=hours)
        assert "4,200 publications are in the ledger/outbox:default" in planned.note
        when, asked = bench.timers.set.pop(asked.publication_id)
        bench.clock.now = when
    await bench.claims.advance(await bench.claims.take("ledger/outbox:default", "test"), "kept", bookings={})
    assert (await deliver(bench.publisher(), PUBLISH_REQUESTED, asked)).of(PUBLISH_DONE)


async def test_a_ledger_that_has_room_soon_is_asked_again_then(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    asked = request(await a_render(bench.media))
    await fill(bench, "ledger/outbox:default", timedelta(hours=5))
    work = await deliver(bench.publisher(), PUBLISH_REQUESTED, asked)
    # They count for an hour more once they are out, since no rule of the outbox looks back further.
    assert work.of(PUBLISH_PLANNED)[0].at == START + timedelta(hours=6)


class NoPlace:
    """See `Calendar`: it says when to ask again."""

    def __init__(self, after: float | None) -> None:
        self._after = after

    async def place(self, request: PublishRequested, channel: Channel, limits: Limits, account: Account) -> Place:
        raise Retry("there is no room", after=self._after)

    async def move(self, request: PublishRequested, at: datetime) -> None:
        """Nothing is kept."""

    async def release(self, request: PublishRequested) -> None:
        """Nothing is kept."""

    async def planned(self, account_id: str) -> list[Planned]:
        return []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(after=st.none() | st.floats(0, 3e7), attempt=st.integers(1, 50))
async def test_however_long_a_wait_is_it_is_no_failure(tmp_path: Path, after: float | None, attempt: int) -> None:
    bench = Bench(tmp_path)
    desk = Desk(
        settings=PublisherSettings(_env_file=None),
        media=bench.media,
        claims=bench.claims,
        channels=bench.channels,
        platforms={"outbox": bench.outbox()},
        sessions=bench.sessions,
        calendar=NoPlace(after),
        timers=bench.timers,
        clock=bench.clock,
    )
    asked = request(await a_render(bench.media))
    try:
        work = await deliver(build(desk), PUBLISH_REQUESTED, asked, attempt=attempt)
    except Retry as error:
        assert error.after is not None and 0 < error.after < HALF_AN_HOUR_S
        assert asked.publication_id not in bench.timers.set
    else:
        assert after is not None and after >= HALF_AN_HOUR_S
        (planned,) = work.of(PUBLISH_PLANNED)
        assert (planned.at, planned.note) == (START + timedelta(seconds=after), "there is no room")
        assert bench.timers.set[asked.publication_id][0] == planned.at
