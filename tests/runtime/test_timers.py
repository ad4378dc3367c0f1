"""Timers of the server: what is due comes on time, once, and also when everything was killed meanwhile."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.envelope import Event
from contracts.events import DiscoveryRequested
from contracts.subjects import DISCOVERY_REQUESTED
from runtime.bus import Bus, connect, new_command, open_bus
from runtime.embed import NatsServer
from runtime.errors import Retry
from runtime.provision import drift, provision
from runtime.timers import Timers
from tests.support.running import stored, until

CAUSE = new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche="cause"), source="test", id="cause-1")


def soon(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def put(timers: Timers, name: str, when: datetime, niche: str) -> None:
    await timers.set(name, when, DISCOVERY_REQUESTED, DiscoveryRequested(niche=niche), cause=CAUSE)


async def due(bus: Bus, count: int, *, after: int = 0) -> list[Event[Any]]:
    """What came of timers, as soon as there is so much."""
    events: list[Event[Any]] = []
    async for batch in bus.read(after=after):
        events += [message.event() for message in batch]
        if len(events) >= count:
            break
    return events


def niches(events: Sequence[Event[Any]]) -> list[str]:
    return [event.data.niche for event in events]


async def test_what_is_due_comes_as_an_event_of_its_own_within_two_seconds(bus: Bus) -> None:
    when = soon(0.7)
    await put(Timers(bus), "one", when, "later")
    (event,) = await due(bus, 1)
    (message,) = await stored(bus)
    assert timedelta(0) <= message.time - when < timedelta(seconds=2)
    assert (event.type, event.source, event.time) == ("discovery.requested", "clipwire/timer", when)
    assert (event.correlationid, event.causationid) == ("cause-1", "cause-1")
    assert event.id not in {"cause-1", ""}


async def test_the_same_timer_leads_to_the_same_event_and_another_time_to_another(bus: Bus) -> None:
    past = soon(-60)
    for name, when in (("a", past), ("b", past), ("c", past - timedelta(seconds=1))):
        await put(Timers(bus), name, when, "same")
    assert len({event.id for event in await due(bus, 3)}) == 2


async def test_a_timer_of_the_same_name_takes_the_place_of_the_one_before(bus: Bus) -> None:
    timers = Timers(bus)
    await put(timers, "one", soon(0.4), "first")
    await put(timers, "one", soon(0.9), "second")
    await put(timers, "one", soon(0.6), "third")
    await put(timers, "two", soon(1.1), "last")
    assert niches(await due(bus, 2)) == ["third", "last"]


async def test_a_cancelled_timer_never_comes_and_cancelling_what_is_not_there_is_nothing(bus: Bus) -> None:
    timers = Timers(bus)
    await put(timers, "publish/p_1", soon(0.3), "cancelled")
    await put(timers, "publish/p_2", soon(0.6), "kept")
    await timers.cancel("publish/p_1")
    await timers.cancel("nobody")
    assert niches(await due(bus, 1)) == ["kept"]


async def test_a_clock_behind_that_of_the_server_sets_no_timer_that_comes_at_once_again_and_again(bus: Bus) -> None:
    when = soon(-1)
    await put(Timers(bus), "one", when, "due")
    (event,) = await due(bus, 1)
    with pytest.raises(Retry, match="clock here says that it is not"):
        await Timers(bus).set("one", when, DISCOVERY_REQUESTED, event.data, cause=event)
    await Timers(bus).set("one", when + timedelta(seconds=1), DISCOVERY_REQUESTED, event.data, cause=event)
    assert len(await due(bus, 2)) == 2


@pytest.mark.errors_expected
async def test_what_came_due_while_the_server_was_dead_comes_within_two_seconds_of_its_return(
    nats_server: NatsServer,
) -> None:
    async with open_bus(nats_server.url, name="test", budget=10) as bus:
        await put(Timers(bus), "before", soon(-1), "before")
        await due(bus, 1)
        passes, later = soon(0.5), soon(2.5)
        await put(Timers(bus), "passes", passes, "passes")
        await put(Timers(bus), "later", later, "later")
    await nats_server.stop(signal.SIGKILL)

    async def passed() -> bool:
        return datetime.now(UTC) > passes

    await until(passed)
    await nats_server.start()
    back = datetime.now(UTC)
    async with open_bus(nats_server.url, name="test", budget=10) as bus:
        assert niches(await due(bus, 3)) == ["before", "passes", "later"]
        _, first, second = await stored(bus)
    assert first.time - back < timedelta(seconds=2)
    assert timedelta(0) <= second.time - later < timedelta(seconds=2)


async def test_a_server_from_before_there_were_timers_gets_them(nats_url: str) -> None:
    client = await connect(nats_url, name="test")
    for name, subject in (("TIMERS", "timer.>"), ("EVENTS", "discovery.>")):
        body = {"name": name, "subjects": [subject], "allow_msg_schedules": name == "TIMERS", "duplicate_window": 10**9}
        await client.request(f"$JS.API.STREAM.CREATE.{name}", json.dumps(body).encode())
    await provision(client)
    assert await drift(client) == []
    await put(Timers(Bus(client)), "one", soon(0), "due")
    assert niches(await due(Bus(client), 1)) == ["due"]
    await client.close()


async def test_timers_that_were_deleted_and_made_anew_are_not_taken_for_the_old_ones(bus: Bus) -> None:
    await put(Timers(bus), "one", soon(0), "due")
    await due(bus, 1)
    before = (await bus.js.stream_info("TIMERS")).state.last_seq
    await bus.js.delete_stream("TIMERS")
    await asyncio.gather(*(bus.provision() for _ in range(5)))
    # EVENTS goes on behind the sequence that it took last.
    assert (await bus.js.stream_info("TIMERS")).state.first_seq > before
