"""What becomes of a message, on a real server."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from contracts.events import DiscoveryRequested
from contracts.subjects import DISCOVERY_DONE
from runtime.actor import Work
from runtime.bus import Bus
from runtime.errors import Reject, Retry
from runtime.policy import backoff
from tests.runtime.asking import DONE, actor_of, ask, bound, dead, failures, settled
from tests.support.running import heard, running, settings_for, stored, until


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


async def test_a_dead_worker_does_not_look_bound(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    async def handler(_: DiscoveryRequested, work: Work) -> None:
        raise AssertionError("must not be called")

    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        await until(lambda: bound(bus))
    await ask(bus)
    subscription = await bus.js.pull_subscribe_bind(consumer="tester--discovery_requested", stream="EVENTS")
    await subscription.fetch(1, timeout=5)  # taken by a worker that is never heard of again
    for key in await (actors := await bus.js.key_value("actors")).keys():
        await actors.delete(key)  # as the time to live does
    (state,) = await bus.consumers()
    assert (state.in_flight, state.bound) == (1, False)


def test_the_pause_grows_to_two_minutes() -> None:
    assert [backoff(n) for n in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert backoff(50) == 120
    assert backoff(50, jitter=1) == 150
