"""`kill -9` of random actors every 300 ms and of the NATS server every few seconds."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contracts.events import DiscoveryRequested
from contracts.subjects import DISCOVERY_REQUESTED
from contracts.work import Channel
from runtime.bus import Bus, new_command, open_bus
from runtime.embed import NatsServer
from runtime.flow import consumers_of
from runtime.kv import NatsChannels
from runtime.rights import permissions
from runtime.supervisor import Child, Supervisor
from runtime.tasks import end
from runtime.topology import DEAD_LETTERS
from runtime.vigil import keep_consumers
from tests.kill.standins import ACTORS, CANDIDATES
from tests.support.running import stored, until

KILL_EVERY_S = 0.3
BURSTS = 10
KILLS_IN_A_BURST = 8
BREATH_S = 3.0  # a killed actor takes about a second to come back: without a breath they would only start


@asynccontextmanager
async def clipwire(home: Path) -> AsyncIterator[tuple[NatsServer, Supervisor, Bus]]:
    """Every actor as a process and a user of its own, on a server that writes before it acknowledges."""
    server = NatsServer(home / "nats", permissions=permissions())
    await server.start()
    environment = {
        **os.environ,
        "CLIPWIRE_HOME": str(home),
        "CLIPWIRE_ACK_WAIT_S": "3",
        "CLIPWIRE_LOG_FORMAT": "json",
        "CLIPWIRE_FOLDER_POLL_S": "0",
    }
    children = [
        Child(
            "tests.kill.standins",
            environment | {"CLIPWIRE_NATS_URL": server.url_of(name)},
            home / f"{name}.log",
            arguments=(name,),
        )
        for name in ACTORS
    ]
    supervisor = Supervisor(children, [server], longest_pause=0.2)
    try:
        async with open_bus(server.url, name="test") as bus:
            consumers = consumers_of(ACTORS, 3.0)
            await bus.provision(consumers)
            keeping = asyncio.create_task(keep_consumers(bus, consumers))
            await NatsChannels(bus.js).put(Channel(clips=1, targets=("board:main",)))
            supervisor.start()
            yield server, supervisor, bus
            await end(keeping)
    finally:
        await supervisor.stop(5)
        await server.stop()


async def kill_at_random(
    server: NatsServer, supervisor: Supervisor, finished: Callable[[], Awaitable[bool]], seed: int
) -> int:
    """Kill actors in bursts, and the server after each, as long as there is work; returns the bursts.

    The supervisor starts them again.
    """
    dice = random.Random(seed)
    for burst in range(BURSTS):
        if await finished():
            return burst
        for _ in range(KILLS_IN_A_BURST):
            await asyncio.sleep(KILL_EVERY_S)
            alive = [child.pid for child in supervisor.children if child.pid is not None]
            os.kill(dice.choice(alive), signal.SIGKILL)
        os.kill(server.pid, signal.SIGKILL)
        await asyncio.sleep(BREATH_S)
    return BURSTS


@pytest.mark.timeout(420)
async def test_nothing_is_lost_or_doubled_however_often_processes_are_killed(tmp_path: Path) -> None:
    async with clipwire(tmp_path) as (server, supervisor, bus):

        async def bound() -> bool:
            return len({state.actor for state in await bus.consumers() if state.bound}) == len(ACTORS)

        await until(bound, within=60)
        request = DiscoveryRequested(niche="anything", limit=CANDIDATES, sources=("folder",))
        await bus.publish(new_command(DISCOVERY_REQUESTED, request, source="test"))

        async def finished() -> bool:
            supervisor.check()
            assert await stored(bus, "work.failed") == []
            return len(await stored(bus, "media.archived")) >= 2 * CANDIDATES

        bursts = await kill_at_random(server, supervisor, finished, seed=7)
        await until(finished, within=300)
        events = await stored(bus)
        dead = (await bus.js.stream_info(DEAD_LETTERS)).state.messages

    counts = Counter(event.subject for event in events)
    posts = (tmp_path / "board.txt").read_text().split()
    assert bursts >= 2, "the work ended before it was disturbed enough"
    assert counts["work.failed"] == 0
    assert dead == 0
    assert len(posts) == CANDIDATES, f"{len(posts) - len(set(posts))} posts were published twice"
    assert len(set(posts)) == CANDIDATES
    expected = dict.fromkeys(
        (
            "candidate.found",
            "candidate.ranked",
            "candidate.approved",
            "clip.downloaded",
            "clip.transcribed",
            "clip.analyzed",
            "render.requested",
            "render.done",
            "publish.requested",
            "publish.done",
        ),
        CANDIDATES,
    )
    expected |= {"discovery.requested": 1, "discovery.done": 1, "media.archived": 2 * CANDIDATES}
    assert dict(counts) == expected
    ids = Counter(event.event().id for event in events)
    assert max(ids.values()) == 1
