"""What a process tells about itself: traces over its events, metrics, one JSON line per log event."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import REGISTRY

from contracts.events import DiscoveryDone, DiscoveryRequested
from contracts.subjects import DISCOVERY_DONE, DISCOVERY_REQUESTED
from runtime.actor import Actor, Work
from runtime.bus import Bus, new_command
from runtime.topology import EVENTS
from tests.support.http import Handler, answering
from tests.support.running import running, settings_for, stored, until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
DONE = DiscoveryDone(scan_id="s", niche="n", found=0, sources=())


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """An OTLP endpoint that keeps what it is sent."""
    bodies: list[bytes] = []

    class Collecting(Handler):
        def do_POST(self) -> None:
            bodies.append(self.body())
            self.tell()

    with answering(Collecting) as url:
        yield url, bodies


def echo() -> Actor:
    actor = Actor("traced", slots=1)

    @actor.listen(DISCOVERY_REQUESTED)
    async def on_discovery_requested(_: DiscoveryRequested, work: Work) -> None:
        await work.emit(DISCOVERY_DONE, DONE)

    return actor


async def answered(bus: Bus) -> bool:
    return len(await stored(bus, "discovery.done")) == 1


async def test_a_trace_goes_on_through_an_actor_and_is_exported(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"
    event = new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche="n"), source="test")
    with collector() as (endpoint, bodies):
        async with running(echo(), settings_for(nats_url, tmp_path, otel_endpoint=endpoint)):
            await bus.publish(event.model_copy(update={"traceparent": parent}))
            await until(lambda: answered(bus))
    (done,) = await stored(bus, "discovery.done")
    carried = done.event().traceparent
    assert carried is not None
    assert carried.split("-")[1] == TRACE
    assert carried != parent, "the event names the span that emitted it"
    assert any(bytes.fromhex(TRACE) in body for body in bodies), "the spans were sent before the process ended"


async def test_without_an_endpoint_the_trace_of_the_cause_is_passed_on(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"
    event = new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche="n"), source="test")
    async with running(echo(), settings_for(nats_url, tmp_path)):
        await bus.publish(event.model_copy(update={"traceparent": parent}))
        await until(lambda: answered(bus))
    (done,) = await stored(bus, "discovery.done")
    assert done.event().traceparent == parent


async def test_messages_are_counted_by_how_they_ended(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    labels = {"actor": "traced", "subject": "discovery.requested", "outcome": "done"}
    before = REGISTRY.get_sample_value("clipwire_messages_total", labels) or 0
    async with running(echo(), settings_for(nats_url, tmp_path)):
        await bus.publish(new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche="n"), source="test"))
        await until(lambda: answered(bus))
    assert REGISTRY.get_sample_value("clipwire_messages_total", labels) == before + 1


async def test_a_consumer_that_somebody_deletes_goes_on_where_it_was(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    handled: list[str] = []
    actor = Actor("lasting", slots=1)

    @actor.listen(DISCOVERY_REQUESTED)
    async def on_discovery_requested(request: DiscoveryRequested, work: Work) -> None:
        handled.append(request.niche)

    async def ask(niche: str) -> None:
        await bus.publish(new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche=niche), source="test"))

    async def both_acknowledged() -> bool:
        states = [state for state in await bus.consumers() if state.pending == 0 and state.in_flight == 0]
        return len(handled) == 2 and len(states) == 1

    async def all_handled() -> bool:
        return "c" in handled

    async with running(actor, settings_for(nats_url, tmp_path), vigil_s=0.3):
        await ask("a")
        await ask("b")
        await until(both_acknowledged)
        await next_look(bus)
        await bus.js.delete_consumer(EVENTS, "lasting--discovery_requested")
        await ask("c")
        await until(all_handled, within=30)
    assert handled == ["a", "b", "c"]


async def next_look(bus: Bus) -> None:
    """Wait until the process has looked after its consumers once more from now on: it says that it is alive then."""

    async def said() -> int:
        return int((await (await bus.js.key_value("actors")).status()).stream_info.state.last_seq)

    # Twice: the first may have been under way, with the consumers looked at before.
    before = await said()

    async def twice() -> bool:
        return await said() >= before + 2

    await until(twice)


def test_a_log_line_is_one_json_object_with_its_process() -> None:
    code = (
        "import structlog, logging\n"
        "from runtime.settings import RuntimeSettings\n"
        "from runtime.telemetry import set_up_logs\n"
        "set_up_logs(RuntimeSettings(log_format='json'), process='ranker')\n"
        "structlog.get_logger('x').info('actor.ready', slots=4)\n"
        "structlog.get_logger('x').debug('not said')\n"
        "logging.getLogger('a.library').warning('from a library')\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: structlog.get_logger('x').exception('a.bug')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["actor.ready", "from a library", "a.bug"]
    assert (lines[0]["process"], lines[0]["level"], lines[0]["slots"]) == ("ranker", "info", 4)
    assert "ZeroDivisionError" in lines[2]["exception"]
