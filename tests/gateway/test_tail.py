"""One reader for all feeds: a slow one waits for nobody, holds no more than its queue, and misses nothing."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from contracts import subjects as s
from contracts.events import CandidateRejected, DiscoveryRequested
from gateway.http.tail import Follower, Tail
from runtime.bus import Bus, new_command


def scan(number: int, owner: str | None = None) -> Any:
    data = DiscoveryRequested(niche=f"niche {number}")
    return new_command(s.DISCOVERY_REQUESTED, data, source="test", id=f"c{number}", owner=owner)


async def take(count: int, tail: Tail, follower: Follower) -> list[int]:
    taken: list[int] = []
    async with asyncio.timeout(20), aclosing(tail.follow(follower)) as pieces:
        async for entries in pieces:
            taken += [entry.sequence for entry in entries]
            if len(taken) >= count:
                break
    return taken


async def test_a_follower_that_takes_nothing_for_long_misses_nothing_and_holds_up_nobody(bus: Bus) -> None:
    tail, slow, fast = Tail(bus), Follower(0), Follower(0)
    await bus.publish(scan(0))
    slowly: list[int] = []
    async with aclosing(tail.follow(slow)) as pieces:
        slowly += [entry.sequence for entry in await anext(pieces)]
        for number in range(1, 700):
            await bus.publish(scan(number))
        assert await take(700, tail, fast) == list(range(1, 701))
        assert len(slow._pending) <= 200
        async with asyncio.timeout(20):
            while len(slowly) < 700:
                slowly += [entry.sequence for entry in await anext(pieces)]
    assert slowly == list(range(1, 701))


async def test_what_is_published_while_the_past_is_read_comes_once(bus: Bus) -> None:
    tail = Tail(bus)
    for number in range(300):
        await bus.publish(scan(number))

    async def publish() -> None:
        for number in range(300, 450):
            await bus.publish(scan(number))

    publishing = asyncio.create_task(publish())
    followers = [Follower(after) for after in (0, 100, 299)]
    taken = await asyncio.gather(*(take(450 - one.after, tail, one) for one in followers))
    await publishing
    assert taken == [list(range(first, 451)) for first in (1, 101, 300)]


async def test_everybody_gets_what_they_may_see_and_want(bus: Bus) -> None:
    tail = Tail(bus)
    for number, owner in enumerate((None, "u_ada", "u_bob", "u_ada")):
        await bus.publish(scan(number, owner))
    rejected = CandidateRejected(candidate_id="youtube:x")
    await bus.publish(new_command(s.CANDIDATE_REJECTED, rejected, source="test", owner="u_ada"))
    await bus.js.publish("discovery.requested", b"no event")
    assert await take(6, tail, Follower(0)) == [1, 2, 3, 4, 5, 6]
    assert await take(3, tail, Follower(0, owner="u_ada")) == [2, 4, 5]
    assert await take(1, tail, Follower(0, frozenset({"candidate.rejected"}), "u_ada")) == [5]


async def test_the_stream_is_read_only_while_somebody_follows(bus: Bus) -> None:
    tail = Tail(bus)
    await bus.publish(scan(0))
    assert await take(1, tail, Follower(0)) == [1]
    assert tail._reading is None
    await bus.publish(scan(1))
    assert await take(1, tail, Follower(1)) == [2]
