"""What becomes of a message that others than we have made, on a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.events import DiscoveryRequested
from contracts.subjects import DISCOVERY_DONE, DISCOVERY_REQUESTED
from runtime.actor import Work
from runtime.bus import Bus
from runtime.envelope import new_command
from tests.runtime.asking import DONE, actor_of, dead, failures, settled
from tests.support.running import running, settings_for, stored, until


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"nich": "ai tools"}', "niche"),
        (b'{"niche": "ai tools", "limt": 3}', "limt"),
        (b'{"niche": "ai tools", "limit": "many"}', "limit"),
        (b'{"niche": "ai\\u0000tools"}', "niche"),
        (b'{"niche": "ai tools", "sources": ["folder", "you\\u001btube"]}', "sources.1"),
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


async def test_a_body_as_large_as_the_server_takes_is_answered_once(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    async def handler(_: DiscoveryRequested, work: Work) -> None:
        raise AssertionError("must not be called")

    async with running(actor_of(handler), settings_for(nats_url, tmp_path)):
        await bus.client.publish("discovery.requested", b'{"niche": "' + b"x" * (1_048_500 - 13) + b'"}')
        await until(lambda: settled(bus))
    (failure,) = await failures(bus)
    assert failure["field"] == "niche"
    assert await dead(bus) == 1


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
