"""What becomes of a message, on a real server."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from contracts.events import DiscoveryDone, DiscoveryRequested
from contracts.subjects import DISCOVERY_DONE, DISCOVERY_REQUESTED
from runtime.actor import Actor, Work
from runtime.bus import Bus
from runtime.envelope import new_command
from runtime.errors import Reject, Retry
from runtime.policy import backoff
from runtime.topology import DEAD_LETTERS
from tests.support.running import heard, running, settings_for, stored, until

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


async def failures(bus: Bus) -> list[dict[str, Any]]:
    return [json.loads(event.body)["data"]["failure"] for event in await stored(bus, "work.failed")]


async def dead(bus: Bus) -> int:
    return int((await bus.js.stream_info(DEAD_LETTERS)).state.messages)


async def test_a_message_is_acknowledged_after_its_event_is_stored(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    async def handler(_: DiscoveryRequested, work: Work) -> None:
        await work.emit(DISCOVERY_DONE, DONE)
        await work.emit(DISCOVERY_DONE, DONE)

    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        await ask(bus)
        await until(lambda: settled(bus))
    events = await stored(bus, "discovery.done")
    assert len(events) == 1
    event, cause = events[0].event(), (await stored(bus, "discovery.requested"))[0].event()
    assert (event.causationid, event.correlationid) == (cause.id, cause.id)


async def test_retry_comes_back_after_the_delay_it_names(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    times: list[float] = []

    async def handler(_: DiscoveryRequested, work: Work) -> None:
        times.append(asyncio.get_running_loop().time())
        if work.attempt < 3:
            raise Retry("not yet", after=0.3)
        await work.emit(DISCOVERY_DONE, DONE)

    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        await ask(bus)
        await until(lambda: settled(bus))
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(gaps) == 2
    assert all(0.28 <= gap < 3 for gap in gaps)
    assert await failures(bus) == []


async def test_reject_is_answered_once_and_set_aside(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    calls: list[int] = []

    async def handler(request: DiscoveryRequested, work: Work) -> None:
        calls.append(work.attempt)
        raise Reject("the niche is empty of meaning", advice="Choose another", field="niche")

    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        await ask(bus)
        await until(lambda: settled(bus))
    assert calls == [1]
    (failure,) = await failures(bus)
    assert failure["stage"] == "tester"
    assert (failure["kind"], failure["field"]) == ("rejected", "niche")
    assert (failure["what"], failure["advice"]) == ("the niche is empty of meaning", "Choose another")
    assert await dead(bus) == 1


@pytest.mark.errors_expected
async def test_a_bug_is_tried_a_few_times_then_set_aside(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    calls: list[int] = []

    async def handler(_: DiscoveryRequested, work: Work) -> None:
        calls.append(work.attempt)
        raise RuntimeError("a bug")

    async with running(actor_of(handler), settings_for(nats_url, tmp_path, max_attempts=2)):
        await ask(bus)
        await until(lambda: settled(bus))
    assert calls == [1, 2]
    (failure,) = await failures(bus)
    assert (failure["kind"], failure["what"], failure["attempts"]) == ("exhausted", "RuntimeError: a bug", 2)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"nich": "ai tools"}', "niche"),
        (b'{"niche": "ai tools", "limt": 3}', "limt"),
        (b'{"niche": "ai tools", "limit": "many"}', "limit"),
        (b"niche=ai", "body"),
        (b"[1]", "body"),
        (b"", "body"),
        (b"\xff\xfe", "body"),
        (b'{"niche": ' + b"9" * 5000 + b"}", "body"),
        (b"[" * 100_000, "body"),
    ],
)
async def test_a_body_that_fits_no_contract_is_answered_naming_the_field(
    bus: Bus, nats_url: str, tmp_path: Path, body: bytes, field: str
) -> None:
    async def handler(_: DiscoveryRequested, work: Work) -> None:
        raise AssertionError("must not be called")

    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        await bus.client.publish("discovery.requested", body)
        await until(lambda: settled(bus))
    (failure,) = await failures(bus)
    assert (failure["kind"], failure["field"]) == ("invalid", field)
    assert (await stored(bus, "work.failed"))[0].event().data.failure.subject == "discovery.requested"


async def test_a_bare_body_with_an_id_is_one_command_however_often_it_is_sent(
    bus: Bus, nats_url: str, tmp_path: Path
) -> None:
    async def handler(_: DiscoveryRequested, work: Work) -> None:
        await work.emit(DISCOVERY_DONE, DONE)

    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        for _ in range(3):
            await bus.client.publish("discovery.requested", b'{"niche": "n", "id": "mine"}')
        await until(lambda: settled(bus))
    assert len(await stored(bus, "discovery.done")) == 1


async def test_a_long_job_keeps_its_message_by_heartbeats(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    calls: list[int] = []
    began = asyncio.Event()

    async def handler(_: DiscoveryRequested, work: Work) -> None:
        calls.append(work.attempt)
        began.set()
        await heard(bus, "$JS.ACK.EVENTS.>", 7, body=b"+WPI")  # three in each `ack_wait`

    async with running(actor_of(handler, slots=2), settings_for(nats_url, tmp_path)):
        await ask(bus)
        await asyncio.wait_for(began.wait(), 10)
        await until(lambda: settled(bus))
    assert calls == [1]


async def test_a_cancelled_job_is_given_back_at_once(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    stop, began = asyncio.Event(), asyncio.Event()
    attempts: list[int] = []

    async def first(_: DiscoveryRequested, work: Work) -> None:
        began.set()
        await asyncio.sleep(60)

    async def second(_: DiscoveryRequested, work: Work) -> None:
        attempts.append(work.attempt)

    settings = settings_for(nats_url, tmp_path, ack_wait_s=60)
    await ask(bus)
    async with running(actor_of(first), settings, stop=stop):
        await asyncio.wait_for(began.wait(), 10)
        stop.set()
    async with running(actor_of(second), settings):
        await until(lambda: settled(bus), within=10)
    assert attempts == [1]  # it did not fail


async def test_a_message_that_kills_its_worker_is_set_aside_without_another_run(
    bus: Bus, nats_url: str, tmp_path: Path
) -> None:
    calls: list[int] = []

    async def handler(_: DiscoveryRequested, work: Work) -> None:
        calls.append(work.attempt)
        raise asyncio.CancelledError  # as for a worker that dies, nothing is noted

    async with running(actor_of(handler), settings_for(nats_url, tmp_path, max_deliveries=3)):
        await ask(bus)
        await until(lambda: settled(bus))
    assert calls == [1, 1, 1]
    (failure,) = await failures(bus)
    assert failure["kind"] == "crashed"


async def test_kills_do_not_count_as_failures(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    calls: list[int] = []

    async def handler(_: DiscoveryRequested, work: Work) -> None:
        calls.append(work.attempt)
        if len(calls) <= 4:
            raise asyncio.CancelledError
        if len(calls) == 5:
            raise Retry("a passing trouble")
        await work.emit(DISCOVERY_DONE, DONE)

    async with running(actor_of(handler), settings_for(nats_url, tmp_path, max_attempts=2)):
        await ask(bus)
        await until(lambda: settled(bus))
    assert calls == [1, 1, 1, 1, 1, 2]
    assert await failures(bus) == []


async def test_who_names_a_time_is_believed_until_the_message_is_too_old(
    bus: Bus, nats_url: str, tmp_path: Path
) -> None:
    calls: list[int] = []

    async def handler(_: DiscoveryRequested, work: Work) -> None:
        calls.append(work.attempt)
        raise Retry("the disk is full", after=0.1)

    settings = settings_for(nats_url, tmp_path, max_attempts=2, max_deliveries=3, retry_for_s=1.5)
    async with running(actor_of(handler), settings):
        await ask(bus)
        await until(lambda: settled(bus))
    assert len(calls) > 4
    (failure,) = await failures(bus)
    assert (failure["kind"], failure["what"]) == ("exhausted", "the disk is full")


async def test_a_body_as_large_as_the_server_takes_is_answered_once(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    async def handler(_: DiscoveryRequested, work: Work) -> None:
        raise AssertionError("must not be called")

    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        await bus.client.publish("discovery.requested", b'{"niche": "' + b"x" * (1_048_500 - 13) + b'"}')
        await until(lambda: settled(bus))
    (failure,) = await failures(bus)
    assert failure["field"] == "niche"
    assert await dead(bus) == 1


@pytest.mark.errors_expected
async def test_an_error_of_a_megabyte_is_said_in_short(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    async def handler(_: DiscoveryRequested, work: Work) -> None:
        raise RuntimeError("é" * 2_000_000)

    async with running(actor_of(handler), settings_for(nats_url, tmp_path, max_attempts=1)):
        await ask(bus)
        await until(lambda: settled(bus))
    (failure,) = await failures(bus)
    assert failure["what"].startswith("RuntimeError: ééé")
    assert len(failure["what"]) < 3000


async def test_two_programs_may_use_the_same_event_id(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    ids: set[str] = set()

    async def handler(_: DiscoveryRequested, work: Work) -> None:
        ids.add(work.event.id)

    event = new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche="n"), source="test", id="1")
    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        for source in ("urn:bees", "urn:cars"):
            await bus.client.publish("discovery.requested", event.model_copy(update={"source": source}).to_json())
        await until(lambda: settled(bus))
    assert len(ids) == 2


async def test_headers_of_strangers_of_any_length_are_taken(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    seen: list[tuple[int, str | None]] = []

    async def handler(_: DiscoveryRequested, work: Work) -> None:
        seen.append((len(work.event.id), work.event.traceparent))

    headers = {"Nats-Msg-Id": "x" * 900, "traceparent": "y" * 900}
    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        await bus.client.publish("discovery.requested", b'{"niche": "n"}', headers=headers)
        await until(lambda: settled(bus))
    assert seen == [(36, None)]


async def test_a_dead_worker_does_not_look_bound(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    async def handler(_: DiscoveryRequested, work: Work) -> None:
        raise AssertionError("must not be called")

    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        await until(lambda: settled(bus))
        (state,) = await bus.consumers()
        assert state.bound
    await ask(bus)
    subscription = await bus.js.pull_subscribe_bind(consumer="tester--discovery_requested", stream="EVENTS")
    await subscription.fetch(1, timeout=5)  # taken by a worker that is never heard of again
    for key in await (actors := await bus.js.key_value("actors")).keys():
        await actors.delete(key)  # as the time to live does
    (state,) = await bus.consumers()
    assert (state.in_flight, state.bound) == (1, False)


async def test_an_event_on_the_wrong_subject_is_refused(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    async def handler(_: DiscoveryRequested, work: Work) -> None:
        raise AssertionError("must not be called")

    event = new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche="n"), source="test")
    wrong = event.model_copy(update={"type": "discovery.done"})
    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        await bus.client.publish("discovery.requested", wrong.to_json())
        await until(lambda: settled(bus))
    (failure,) = await failures(bus)
    assert failure["field"] == "type"


def test_the_pause_grows_to_two_minutes() -> None:
    assert [backoff(n) for n in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert backoff(50) == 120
    assert backoff(50, jitter=1) == 150
