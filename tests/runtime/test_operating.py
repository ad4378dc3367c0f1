"""What docs/operators.md tells an operator to do, by the very requests that the client `nats` sends."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.events import DiscoveryDone, DiscoveryRequested
from contracts.subjects import DISCOVERY_DONE, DISCOVERY_REQUESTED
from runtime.actor import Actor, Work
from runtime.bus import Bus
from runtime.envelope import new_command
from runtime.errors import Reject
from runtime.serve import consumers_of
from tests.support.running import running, settings_for, stored, until

NAME = "tester--discovery_requested"


class Desk:
    """An actor that rejects what it is asked for as long as it is closed."""

    def __init__(self, name: str = "tester") -> None:
        self.open = True
        self.heard: list[str] = []
        self.actor = Actor(name, slots=1)
        self.actor.listen(DISCOVERY_REQUESTED)(self._on_discovery_requested)

    async def _on_discovery_requested(self, request: DiscoveryRequested, work: Work) -> None:
        self.heard.append(request.niche)
        if not self.open:
            raise Reject("the desk is closed")
        scan_id = f"{self.actor.name}-{request.niche}"
        await work.emit(DISCOVERY_DONE, DiscoveryDone(scan_id=scan_id, niche=request.niche, found=0, sources=()))


async def asked(bus: Bus, request: str, **body: Any) -> dict[str, Any]:
    """An answer of the API of JetStream."""
    answer: dict[str, Any] = json.loads(
        (await bus.client.request(f"$JS.API.{request}", json.dumps(body).encode())).data
    )
    assert "error" not in answer, answer
    return answer


async def order(bus: Bus, niche: str) -> None:
    await bus.publish(new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche=niche), source="test"))


async def test_what_is_paused_waits_and_goes_on(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    desk = Desk()
    await bus.provision(consumers_of(desk.actor, settings_for(nats_url, tmp_path)))
    async with running(desk.actor, settings_for(nats_url, tmp_path), vigil_s=0.1):
        until_then = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        assert (await asked(bus, f"CONSUMER.PAUSE.EVENTS.{NAME}", pause_until=until_then))["paused"]
        await order(bus, "bees")

        async def waiting() -> bool:
            info = await asked(bus, f"CONSUMER.INFO.EVENTS.{NAME}")
            return bool(info["paused"] and info["num_pending"] == 1)

        await until(waiting)
        assert desk.heard == []
        assert not (await asked(bus, f"CONSUMER.PAUSE.EVENTS.{NAME}"))["paused"]
        await until(lambda: _done(bus, 1))
    assert desk.heard == ["bees"]


async def test_an_actor_that_starts_leaves_the_pause_as_it_is(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    desk, settings = Desk(), settings_for(nats_url, tmp_path)
    await bus.provision(consumers_of(desk.actor, settings))
    until_then = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await asked(bus, f"CONSUMER.PAUSE.EVENTS.{NAME}", pause_until=until_then)
    async with running(desk.actor, settings) as resources:
        await until(lambda: _alive(resources.bus))
        assert (await asked(bus, f"CONSUMER.INFO.EVENTS.{NAME}"))["paused"]


async def test_a_dead_letter_leads_to_its_message_which_one_actor_gets_once_more(
    bus: Bus, nats_url: str, tmp_path: Path
) -> None:
    desk, other = Desk(), Desk("another")
    desk.open = False
    settings = settings_for(nats_url, tmp_path)
    async with running(desk.actor, settings), running(other.actor, settings):
        await order(bus, "bees")
        await until(lambda: _letters(bus, 1))
        last = await asked(bus, "STREAM.MSG.GET.DLQ", last_by_subj=f"dlq.{NAME}.discovery.requested")
        letter = json.loads(base64.b64decode(last["message"]["data"]))
        found = await asked(bus, f"STREAM.MSG.GET.{letter['stream']}", seq=letter["sequence"])
        desk.open = True
        body = base64.b64decode(found["message"]["data"])
        await bus.js.publish(f"redrive.tester.{letter['subject']}", body)
        await until(lambda: _heard(desk, 2))
        await until(lambda: _done(bus, 1))
    assert other.heard == ["bees"], "the other actor was not asked again"
    assert len({event.event().id for event in await stored(bus, "discovery.done")}) == 2, "one of each actor"


async def test_a_consumer_that_is_set_back_repeats_and_doubles_nothing(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    desk = Desk()
    async with running(desk.actor, settings_for(nats_url, tmp_path)):
        for niche in ("bees", "ants", "owls"):
            await order(bus, niche)
        await until(lambda: _done(bus, 3))
        second = (await stored(bus, "discovery.requested"))[1].sequence
        await asked(bus, f"CONSUMER.RESET.EVENTS.{NAME}", seq=second)
        await until(lambda: _heard(desk, 5))
    assert desk.heard == ["bees", "ants", "owls", "ants", "owls"]
    assert len(await stored(bus, "discovery.done")) == 3


async def _alive(bus: Bus) -> bool:
    return bool(await bus.processes())


async def _done(bus: Bus, count: int) -> bool:
    return len(await stored(bus, "discovery.done")) >= count


async def _letters(bus: Bus, count: int) -> bool:
    return int((await bus.js.stream_info("DLQ")).state.messages) >= count


async def _heard(desk: Desk, count: int) -> bool:
    return len(desk.heard) >= count
