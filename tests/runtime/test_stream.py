"""Publishing once and reading in order, on a real server that is killed meanwhile."""

from __future__ import annotations

import asyncio
import signal

from contracts.events import DiscoveryRequested
from contracts.subjects import CANDIDATE_REJECTED, DISCOVERY_REQUESTED
from runtime.bus import Bus
from runtime.embed import NatsServer
from runtime.envelope import new_command, stored_from, stored_id
from runtime.topology import EVENTS, Consumer


def request(n: int) -> DiscoveryRequested:
    return DiscoveryRequested(niche=f"niche {n}")


async def test_the_same_event_is_stored_once(bus: Bus) -> None:
    event = new_command(DISCOVERY_REQUESTED, request(1), source="test")
    first, second = await bus.publish(event), await bus.publish(event)
    assert (first.sequence, first.duplicate) == (1, False)
    assert (second.sequence, second.duplicate) == (1, True)


async def test_reading_ends_at_the_end_unless_it_follows(bus: Bus) -> None:
    for n in range(7):
        await bus.publish(new_command(DISCOVERY_REQUESTED, request(n), source="test"))
    sequences = [stored.sequence async for batch in bus.read(follow=False, batch=3) for stored in batch]
    assert sequences == [1, 2, 3, 4, 5, 6, 7]
    assert [stored.sequence async for batch in bus.read(after=5, follow=False) for stored in batch] == [6, 7]
    assert [stored async for batch in bus.read(after=7, follow=False) for stored in batch] == []


async def test_a_filter_leaves_other_subjects_out(bus: Bus) -> None:
    await bus.publish(new_command(DISCOVERY_REQUESTED, request(1), source="test"))
    rejected = CANDIDATE_REJECTED.model(candidate_id="youtube:abc")
    await bus.publish(new_command(CANDIDATE_REJECTED, rejected, source="test"))
    found = [stored.subject async for batch in bus.read(subjects=["candidate.*"], follow=False) for stored in batch]
    assert found == ["candidate.rejected"]


async def test_a_reader_that_follows_gets_every_event_once_over_kills_of_the_server(
    bus: Bus, nats_server: NatsServer
) -> None:
    total = 120
    seen: list[int] = []

    async def follow() -> None:
        async for batch in bus.read(batch=10):
            seen.extend(stored.sequence for stored in batch)
            if seen[-1] >= total:
                return

    async def write() -> None:
        for n in range(total):
            await bus.publish(new_command(DISCOVERY_REQUESTED, request(n), source="test", id=f"e{n}"))
            if n in {30, 80}:
                await nats_server.stop(signal.SIGKILL)
                await nats_server.start()

    await asyncio.wait_for(asyncio.gather(follow(), write()), 60)
    assert seen == list(range(1, total + 1))
    assert (await bus.js.stream_info(EVENTS)).state.messages == total


async def test_several_filters_and_small_batches_leave_nothing_out(bus: Bus) -> None:
    rejected = CANDIDATE_REJECTED.model(candidate_id="youtube:abc")
    for n in range(4):
        await bus.publish(new_command(DISCOVERY_REQUESTED, request(n), source="test"))
        await bus.publish(new_command(CANDIDATE_REJECTED, rejected, source="test"))
        await bus.js.publish("render.requested", b"{}")
    wanted = ["candidate.*", "render.>"]
    found = [event.sequence async for batch in bus.read(subjects=wanted, follow=False, batch=2) for event in batch]
    assert found == [2, 3, 5, 6, 8, 9, 11, 12]


async def test_a_bare_body_has_the_id_that_its_consumer_sees(bus: Bus) -> None:
    consumer = Consumer("ranker", "discovery.requested", 5.0)
    await bus.provision([consumer])
    for n in range(60):
        await bus.js.publish("discovery.requested", b'{"niche": "bees %d"}' % n)
    pulled = await bus.js.pull_subscribe("discovery.requested", durable=consumer.name, stream=EVENTS)
    delivered = [stored_from(message) for message in await pulled.fetch(60, timeout=5)]
    read = [stored async for batch in bus.read(follow=False) for stored in batch]
    assert [(one.sequence, stored_id(one)) for one in read] == [(one.sequence, stored_id(one)) for one in delivered]
