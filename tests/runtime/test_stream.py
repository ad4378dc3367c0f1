"""Publishing once and reading in order, on a real server that is killed meanwhile."""

from __future__ import annotations

import asyncio
import signal

from contracts.events import DiscoveryRequested
from contracts.subjects import CANDIDATE_REJECTED, DISCOVERY_REQUESTED
from runtime.bus import Bus
from runtime.embed import NatsServer
from runtime.envelope import new_command
from runtime.topology import EVENTS


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
