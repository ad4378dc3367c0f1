"""How large a ledger gets: its bytes are bounded, what no rule needs is forgotten, accounts share one if they must."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.adapters.rehearsal import Rehearsal
from actors.publisher.core.limits import Limits, Quota, Text
from actors.publisher.core.slots import Booking
from contracts import asks
from contracts.events import PublishRequested
from contracts.publishing import Account, Schedule
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from contracts.work import Channel
from runtime.bus import open_bus
from runtime.errors import Retry
from runtime.kv import NatsClaims
from tests.publisher.support import START, Bench, a_render, request
from tests.support.work import deliver

FREE = Limits("test", Text(100))
SHARED = Limits("test", Text(100), quotas=(Quota(10_000, scope="project"),))
DAILY = Channel(schedule=Schedule(times=(time(14), time(18))))
LONG = "a" * 120


def account(name: str = "default") -> Account:
    return Account(account_id=f"outbox:{name}", platform="outbox", title=name, connected_at=START)


def publication(n: int, name: str = "default") -> PublishRequested:
    return PublishRequested(render_id=f"r_{n:020x}", account_id=f"outbox:{name}")


def calendar(bench: Bench) -> LedgerCalendar:
    return LedgerCalendar(bench.claims, clock=bench.clock, grace=120)


def rehearsal(bench: Bench) -> Rehearsal:
    return Rehearsal(
        {"outbox": bench.outbox()},
        bench.sessions,
        media=bench.media,
        claims=bench.claims,
        channels=bench.channels,
        calendar=calendar(bench),
    )


async def kept(bench: Bench, key: str) -> set[str]:
    ledger = await bench.claims.get(key)
    return set() if ledger is None else set(ledger.data["bookings"])


@pytest.mark.parametrize("limits", [FREE, SHARED])
async def test_a_ledger_that_is_full_takes_nothing_new_and_all_that_happens_to_what_is_in_it(
    nats_url: str, limits: Limits
) -> None:
    at = START + timedelta(hours=1)
    booking = Booking(account_id=f"outbox:{LONG}", at=at, gap_min=30).model_dump(mode="json", exclude_defaults=True)
    first = publication(0, LONG)
    key = f"ledger/outbox:{LONG}" if limits is FREE else "ledger/outbox"
    many = {publication(n, LONG).publication_id: booking for n in range(3600)}  # some 750 kB with these names
    async with open_bus(nats_url, name="test") as bus:
        claims = NatsClaims(bus.js, budget=1)
        await claims.advance(await claims.take(key, "test"), "kept", bookings=many)
        full = LedgerCalendar(claims, clock=lambda: at, grace=120)
        with pytest.raises(Retry, match="3,600 publications are in the ledger/outbox") as refused:
            await full.place(publication(3600, LONG), Channel(), limits, account(LONG))
        assert (refused.value.after or 0) >= 3600
        assert (await full.place(first, Channel(), limits, account(LONG))).ready
        assert len(await full.planned(f"outbox:{LONG}")) == 3599
        await full.release(first)
        ledger = await claims.get(key)
    assert ledger is not None
    assert first.publication_id not in ledger.data["bookings"]


async def test_where_neither_quotas_nor_a_schedule_count_what_is_past_is_soon_forgotten(bench: Bench) -> None:
    for n in range(4):
        await calendar(bench).place(publication(n), Channel(), FREE, account())
        bench.clock.move(40 * 60)
    assert await kept(bench, "ledger/outbox:default") == {publication(n).publication_id for n in (2, 3)}


async def test_a_channel_with_a_schedule_on_the_same_account_still_finds_its_day(bench: Bench) -> None:
    await calendar(bench).place(publication(1), DAILY, FREE, account())
    bench.clock.move(2 * 3600)
    assert (await calendar(bench).place(publication(1), DAILY, FREE, account())).ready
    bench.clock.move(3 * 3600)
    await calendar(bench).place(publication(2), Channel(), FREE, account())
    assert await kept(bench, "ledger/outbox:default") == {publication(n).publication_id for n in (1, 2)}


async def test_accounts_share_a_ledger_only_where_a_quota_binds_them_together(bench: Bench) -> None:
    for name in ("a", "b"):
        await calendar(bench).place(publication(1, name), DAILY, FREE, account(name))
        await calendar(bench).place(publication(2, name), DAILY, SHARED, account(name))
    assert await kept(bench, "ledger/outbox:a") == {publication(1, "a").publication_id}
    assert await kept(bench, "ledger/outbox:b") == {publication(1, "b").publication_id}
    assert await kept(bench, "ledger/outbox") == {publication(2, name).publication_id for name in ("a", "b")}
    assert len(await calendar(bench).planned("outbox:a")) == 2
    for n in (1, 2):
        await calendar(bench).release(publication(n, "a"))
    assert await calendar(bench).planned("outbox:a") == []
    assert len(await calendar(bench).planned("outbox:b")) == 2


async def test_the_doors_are_told_what_waits_the_next_first(bench: Bench) -> None:
    for n, name in enumerate(("b", "a", "b")):
        at = START + timedelta(hours=3 - n)
        await calendar(bench).place(
            publication(n, name).model_copy(update={"publish_at": at}), Channel(), FREE, account(name)
        )
    told = await rehearsal(bench).planned(
        asks.WhichPlanned(account_ids=("outbox:a", "outbox:b", "outbox:a", "outbox:c"))
    )
    assert [(each.account_id, (each.at - START) // timedelta(hours=1)) for each in told.waiting] == [
        ("outbox:b", 1),
        ("outbox:a", 2),
        ("outbox:b", 3),
    ]
    assert told.left_off == 0


async def test_a_post_is_taken_down_when_a_door_asks_for_it(bench: Bench) -> None:
    render = await a_render(bench.media)
    work = await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render))
    (done,) = work.of(PUBLISH_DONE)
    assert bench.published()
    post = asks.WhichPost(account_id="outbox:default", platform_id=done.publication.platform_id)
    assert (await rehearsal(bench).delete(post)).platform_id == post.platform_id
    assert bench.published() == []
