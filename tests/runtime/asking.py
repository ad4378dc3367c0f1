"""An actor of one handler, a message to it, and what has become of that."""

from __future__ import annotations

import json
from typing import Any

from contracts.events import DiscoveryDone, DiscoveryRequested
from contracts.subjects import DISCOVERY_REQUESTED
from runtime.actor import Actor
from runtime.bus import Bus
from runtime.envelope import new_command
from runtime.topology import DEAD_LETTERS
from tests.support.running import stored

__all__ = ["DONE", "actor_of", "ask", "bound", "dead", "failures", "settled"]

DONE = DiscoveryDone(scan_id="s", niche="n", found=0, sources=())


def actor_of(handler: Any, slots: int = 1) -> Actor:
    actor = Actor("tester", slots=slots)
    actor.listen(DISCOVERY_REQUESTED)(handler)
    return actor


async def ask(bus: Bus, niche: str = "n") -> None:
    await bus.publish(new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche=niche), source="test"))


async def settled(bus: Bus) -> bool:
    states = await bus.consumers()
    return bool(states) and all(state.pending == 0 and state.in_flight == 0 for state in states)


async def bound(bus: Bus) -> bool:
    states = await bus.consumers()
    return bool(states) and all(state.bound for state in states)


async def failures(bus: Bus) -> list[dict[str, Any]]:
    return [json.loads(event.body)["data"]["failure"] for event in await stored(bus, "work.failed")]


async def dead(bus: Bus) -> int:
    return int((await bus.js.stream_info(DEAD_LETTERS)).state.messages)
