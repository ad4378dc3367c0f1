"""On time: one place for each publication, kept by whoever asks, over crashes, and what is due comes when it is due."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import httpx
import pytest

from actors.publisher.actor import build
from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.adapters.desk import Desk
from actors.publisher.adapters.platforms.outbox import Outbox
from actors.publisher.adapters.session import OpenSessions
from actors.publisher.adapters.timers import NatsTimers
from actors.publisher.core.limits import Limits, Quota, Text
from actors.publisher.core.slots import Booking
from actors.publisher.ports import Post, Session
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import now
from contracts.envelope import Event
from contracts.events import PublishDone, PublishRequested
from contracts.publishing import Account, Schedule, Span
from contracts.subjects import PUBLISH_DONE, PUBLISH_PLANNED, PUBLISH_REQUESTED
from contracts.work import Channel
from runtime.bus import Bus, connect, new_command, open_bus
from runtime.claims import Claims
from runtime.embed import NatsServer
from runtime.errors import Reject
from runtime.kv import NatsClaims
from runtime.media import FileMediaStore
from runtime.serve import Resources, open_resources
from runtime.timers import Timers
from tests.publisher.rules import broken
from tests.publisher.support import START, Bench, DyingClaims, Killed, a_render, request
from tests.support.running import running, settings_for, until
from tests.support.work import deliver

SINCE = START - timedelta(days=3)
DAILY = Channel(schedule=Schedule(times=(time(14), time(18))))


def limits(*quotas: Quota) -> Limits:
    return Limits("test", Text(100), quotas=quotas)


def account(name: str = "default") -> Account:
    return Account(account_id=f"outbox:{name}", platform="outbox", title=name, connected_at=SINCE)


def publication(n: int, name: str = "default", **more: datetime) -> PublishRequested:
    return PublishRequested(render_id=f"r_{n:020x}", account_id=f"outbox:{name}", **more)


def calendar(bench: Bench) -> LedgerCalendar:
    return LedgerCalendar(bench.claims, clock=bench.clock, grace=120)


async def test_a_place_is_kept_and_seen_and_given_back(bench: Bench) -> None:
    places = [await calendar(bench).place(publication(n), DAILY, limits(), account()) for n in (1, 2, 1)]
    assert [place.at.hour for place in places] == [14, 18, 14]
    assert not any(place.ready for place in places)
    planned = await calendar(bench).planned("outbox:default")
    assert [(each.publication_id, each.at.hour) for each in planned] == [
        (publication(1).publication_id, 14),
        (publication(2).publication_id, 18),
    ]
    assert await calendar(bench).planned("outbox:other") == []
    await calendar(bench).release(publication(1))
    assert [each.at.hour for each in await calendar(bench).planned("outbox:default")] == [18]


async def test_another_time_named_by_a_person_moves_it(bench: Bench) -> None:
    evening = START + timedelta(hours=9, minutes=7)
    await calendar(bench).place(publication(1), DAILY, limits(), account())
    moved = await calendar(bench).place(publication(1, publish_at=evening), DAILY, limits(), account())
    kept = await calendar(bench).place(publication(1), DAILY, limits(), account())
    assert moved.at == kept.at == evening
    assert len(await calendar(bench).planned("outbox:default")) == 1


async def test_a_quota_moves_a_person_s_time_and_says_so(bench: Bench) -> None:
    rule = limits(Quota(1, zone="America/Los_Angeles"))
    await calendar(bench).place(publication(1, publish_at=START), Channel(), rule, account())
    place = await calendar(bench).place(publication(2, publish_at=START), Channel(), rule, account())
    assert place.at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert place.note == (
        "outbox takes at most 1 post a day (America/Los_Angeles) on one account; it is planned for "
        "2026-11-22 08:00 UTC in place of 2026-11-21 12:00 UTC"
    )


async def test_without_a_schedule_it_is_now_until_the_quota_is_full(bench: Bench) -> None:
    rule = limits(Quota(2, window=timedelta(hours=24)))
    places = [await calendar(bench).place(publication(n), Channel(), rule, account()) for n in range(4)]
    assert [place.ready for place in places] == [True, True, False, False]
    day = timedelta(days=1)
    assert [place.at - START for place in places] == [timedelta(0), timedelta(0), day, day + timedelta(minutes=5)]


async def test_what_is_long_over_is_forgotten_and_what_waits_is_not(bench: Bench) -> None:
    await calendar(bench).place(publication(1), Channel(), limits(), account())
    await calendar(bench).place(publication(2), DAILY, limits(), account())
    bench.clock.move(9 * 24 * 3600)
    await calendar(bench).place(publication(3), DAILY, limits(), account())
    ledger = await bench.claims.get("ledger/outbox:default")
    assert ledger is not None
    assert set(ledger.data["bookings"]) == {publication(n).publication_id for n in (2, 3)}


async def test_what_came_due_while_nothing_ran_takes_the_next_free_slots(bench: Bench) -> None:
    await bench.channels.put(DAILY)
    renders = [await a_render(bench.media, start=n) for n in (1, 2)]
    for render in renders:
        await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render))
    assert [at.hour for at, _ in bench.timers.set.values()] == [14, 18]
    bench.clock.move(24 * 3600)
    for render in renders:
        work = await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render), event_id="due")
        (planned,) = work.of(PUBLISH_PLANNED)
        assert "was due at" in planned.note
        assert not work.of(PUBLISH_DONE)
    assert [(at.day, at.hour) for at, _ in bench.timers.set.values()] == [(22, 14), (22, 18)]
    bench.clock.move(2 * 3600)
    due = bench.timers.set[request(renders[0]).publication_id][1]
    assert (await deliver(bench.publisher(), PUBLISH_REQUESTED, due, event_id="due again")).of(PUBLISH_DONE)
    assert list(bench.timers.set) == [request(renders[1]).publication_id]


async def test_what_is_late_is_refused_where_the_channel_skips_it(bench: Bench) -> None:
    await bench.channels.put(Channel(schedule=Schedule(times=(time(14),), late="skip")))
    render = await a_render(bench.media)
    await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render))
    bench.clock.move(3 * 3600)
    with pytest.raises(
        Reject, match="was due on outbox:default at 2026-11-21 14:00 UTC, and the channel 'default' skips"
    ):
        await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render), event_id="due")
    assert await calendar(bench).planned("outbox:default") == []


async def test_a_platform_that_refuses_gives_the_place_back(bench: Bench) -> None:
    class Full(Outbox):
        async def check(self, session: Session, post: Post) -> None:
            raise Reject("the disk is full")

    full = Full(bench.folder, media=bench.media, clock=bench.clock)
    with pytest.raises(Reject, match="disk is full"):
        await deliver(bench.publisher(platform=full), PUBLISH_REQUESTED, request(await a_render(bench.media)))
    ledger = await bench.claims.get("ledger/outbox:default")
    assert ledger is not None
    assert ledger.data["bookings"] == {}


async def test_a_person_who_wants_it_now_after_all_leaves_no_timer_behind(bench: Bench) -> None:
    await bench.channels.put(DAILY)
    render = await a_render(bench.media)
    await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render))
    at_once = request(render, publish_at=START)
    assert (await deliver(bench.publisher(), PUBLISH_REQUESTED, at_once, event_id="now")).of(PUBLISH_DONE)
    assert not bench.timers.set


SCHEDULE = Schedule(timezone="Europe/Berlin", per_day=4, quiet=(Span(start=time(20), end=time(8)),), gap_min=60)
QUOTAS = (Quota(3, window=timedelta(hours=24)), Quota(7, scope="project", zone="America/Los_Angeles"))


@pytest.mark.parametrize("seed", [1, 2])
async def test_workers_that_race_and_die_keep_every_quota_and_gap(nats_url: str, seed: int) -> None:
    chance = random.Random(seed)  # to repeat a test, no secret
    asked = [publication(n, f"a{n % 4}") for n in range(24)]
    told: dict[str, set[datetime]] = {each.publication_id: set() for each in asked}

    async def worker(claims: Claims, mine: list[PublishRequested]) -> None:
        """Asks for each until it lives through it."""
        for each in mine:
            while True:
                mortal = DyingClaims(claims, at=chance.randint(1, 5), after=chance.random() < 0.5)
                dying = LedgerCalendar(mortal, clock=lambda: START, grace=120)
                try:
                    name = each.account_id.partition(":")[2]
                    place = await dying.place(each, Channel(schedule=SCHEDULE), limits(*QUOTAS), account(name))
                except Killed:
                    continue
                told[each.publication_id].add(place.at)
                break

    clients = [await connect(nats_url, name=f"worker {n}") for n in range(4)]
    async with open_bus(nats_url, name="test") as bus:
        await asyncio.gather(
            *(worker(NatsClaims(client.jetstream()), chance.sample(asked, len(asked))) for client in clients)
        )
        ledger = await NatsClaims(bus.js).get("ledger/outbox")
    for client in clients:
        await client.close()
    assert ledger is not None
    bookings = {ident: Booking.model_validate(kept) for ident, kept in ledger.data["bookings"].items()}
    assert {ident: {booking.at} for ident, booking in bookings.items()} == told
    assert broken(SCHEDULE, QUOTAS, list(bookings.values()), since=SINCE) == set()


@asynccontextmanager
async def publisher(url: str, tmp_path: Path) -> AsyncIterator[Resources]:
    """A publisher on the real server, with the real timers and clock."""
    settings = settings_for(url, tmp_path)
    async with open_resources(settings) as resources, httpx.AsyncClient() as client:
        media = FileMediaStore(tmp_path / "media")
        desk = Desk(
            settings=PublisherSettings(_env_file=None),
            media=media,
            claims=resources.claims,
            channels=resources.channels,
            platforms={"outbox": Outbox(tmp_path / "outbox", media=media)},
            sessions=OpenSessions(None, client, clock=now),
            calendar=LedgerCalendar(resources.claims, clock=now, grace=120),
            timers=NatsTimers(Timers(resources.bus)),
        )
        async with running(build(desk), settings):
            yield resources


async def published(bus: Bus) -> tuple[Event[PublishDone], datetime]:
    """The first `publish.done`, and when it was stored."""
    async for batch in bus.read(subjects=["publish.done"]):
        return batch[0].event(), batch[0].time
    raise AssertionError("the stream has ended")


async def test_a_planned_post_goes_out_within_two_seconds_of_its_time(nats_url: str, tmp_path: Path) -> None:
    render = await a_render(FileMediaStore(tmp_path / "media"))
    async with publisher(nats_url, tmp_path) as resources:
        due = datetime.now(UTC) + timedelta(seconds=2)
        command = new_command(PUBLISH_REQUESTED, request(render, publish_at=due), source="test")
        await resources.bus.publish(command)
        event, at = await published(resources.bus)
    assert timedelta(0) <= at - due < timedelta(seconds=2)
    assert event.correlationid == command.id


@pytest.mark.errors_expected
async def test_a_planned_post_goes_out_after_a_kill_of_the_server_and_a_restart_of_everything(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    render = await a_render(FileMediaStore(tmp_path / "media"))
    async with publisher(nats_server.url, tmp_path) as resources:
        due = datetime.now(UTC) + timedelta(seconds=3)
        await resources.bus.publish(new_command(PUBLISH_REQUESTED, request(render, publish_at=due), source="test"))
        ledger = LedgerCalendar(resources.claims, clock=now, grace=120)

        async def planned() -> bool:
            claim = await resources.claims.get(f"publish/{request(render).publication_id}")
            return claim is not None and claim.step == "waiting"

        await until(planned)
        assert [each.at for each in await ledger.planned("outbox:default")] == [due]
    await nats_server.stop(signal.SIGKILL)

    async def passed() -> bool:
        return datetime.now(UTC) > due

    await until(passed)
    await nats_server.start()
    back = datetime.now(UTC)
    async with publisher(nats_server.url, tmp_path) as resources:
        _, at = await published(resources.bus)
    assert at - back < timedelta(seconds=4)
