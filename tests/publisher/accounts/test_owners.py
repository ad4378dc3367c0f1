"""An account takes orders of whoever connected it and of the operator, by whichever way they come to the bus."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.producer.actor import build as build_producer
from actors.producer.settings import ProducerSettings
from actors.publisher.actor import build
from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.adapters.desk import Desk
from actors.publisher.adapters.session import OpenSessions
from actors.publisher.adapters.timers import NatsTimers
from actors.publisher.store import SENDING, key_of, now
from contracts.envelope import Event
from contracts.events import PublishRequested, RenderDone
from contracts.subjects import PUBLISH_REQUESTED, RENDER_DONE
from contracts.work import Channel
from runtime.bus import Bus, new_command
from runtime.media import FileMediaStore
from runtime.serve import Resources, open_resources
from runtime.timers import Timers
from tests.publisher.account_bench import ALICE, AccountBench
from tests.publisher.support import a_render
from tests.publisher.tube import platforms
from tests.support.running import running, settings_for, stored, until

ADA, EVE = "u_ada", "u_eve"


@dataclass
class Here:
    """A publisher on the real bus and database, where Ada has connected `tube:alice`."""

    bench: AccountBench
    resources: Resources
    media: FileMediaStore

    @property
    def bus(self) -> Bus:
        return self.resources.bus

    @property
    def posted(self) -> int:
        return len(self.bench.server.posted)

    async def order(self, owner: str | None, *, start: float = 1.0, **more: Any) -> Event[Any]:
        """Order a short for Ada's account; what is said last about it."""
        render = await a_render(self.media, start=start)
        request = PublishRequested(render_id=render.render_id, account_id=ALICE, **more)
        return await self.comes_of(new_command(PUBLISH_REQUESTED, request, source="test", owner=owner))

    async def comes_of(self, command: Event[Any]) -> Event[Any]:
        """Send it; the end of its chain."""
        await self.bus.publish(command)
        ends: list[Event[Any]] = []

        async def ended() -> bool:
            events = [message.event() for message in await stored(self.bus, "publish.done", "work.failed")]
            ends[:] = [event for event in events if event.correlationid == command.correlationid]
            return bool(ends)

        await until(ended)
        return ends[-1]


@asynccontextmanager
async def publishing(bench: AccountBench, nats_url: str, tmp_path: Path) -> AsyncIterator[Here]:
    settings, media, known = (
        settings_for(nats_url, tmp_path),
        FileMediaStore(tmp_path / "media"),
        platforms(bench.server.url),
    )

    def desk(resources: Resources) -> Desk:
        return Desk(
            settings=bench.settings,
            media=media,
            claims=resources.claims,
            channels=resources.channels,
            platforms=known,
            sessions=OpenSessions(bench.vault, bench.client, clock=now),
            calendar=LedgerCalendar(resources.claims, clock=now, grace=120),
            timers=NatsTimers(Timers(resources.bus)),
        )

    async with open_resources(settings) as resources, running(build(desk(resources)), settings):
        yield Here(bench, resources, media)


@pytest.fixture
async def here(bench: AccountBench, nats_url: str, tmp_path: Path) -> AsyncIterator[Here]:
    await bench.connected(owner=ADA)
    async with publishing(bench, nats_url, tmp_path) as here:
        yield here


async def test_an_order_of_somebody_else_is_refused_before_anything_comes_of_it(here: Here) -> None:
    refused = await here.order(EVE)
    assert (refused.type, refused.owner, refused.data.failure.field) == ("work.failed", EVE, "account_id")
    assert refused.data.failure.what.startswith("the account 'tube:alice' was connected by somebody else")
    assert "`targets`" in refused.data.failure.advice
    assert here.posted == 0
    assert await here.resources.claims.get("ledger/tube:alice") is None
    mine = await here.order(ADA)  # the very publication, by whose account it is
    assert (mine.type, mine.owner, here.posted) == ("publish.done", ADA, 1)


async def test_nobody_else_is_told_what_is_out_already_nor_answers_for_it(here: Here) -> None:
    assert (await here.order(ADA)).type == "publish.done"
    answers: list[dict[str, Any]] = [
        {},
        {"outcome": "not_there"},
        {"outcome": "there", "url": "https://example.org/42"},
    ]
    for more in answers:
        assert (await here.order(EVE, **more)).type == "work.failed"
    assert here.posted == 1


async def test_the_operator_publishes_on_every_account(here: Here) -> None:
    told = await here.order(None)
    assert (told.type, told.owner, here.posted) == ("publish.done", None, 1)


async def test_nobody_but_the_operator_publishes_on_the_operators_accounts(
    bench: AccountBench, nats_url: str, tmp_path: Path
) -> None:
    await bench.connected()
    async with publishing(bench, nats_url, tmp_path) as here:
        assert (await here.order(ADA)).type == "work.failed"
        assert (await here.order(None)).type == "publish.done"


@pytest.mark.parametrize(("owner", "ends"), [(ADA, "publish.done"), (EVE, "work.failed"), (None, "publish.done")])
async def test_a_rule_of_a_channel_publishes_for_whoever_the_short_was_made_for(
    here: Here, owner: str | None, ends: str
) -> None:
    await here.resources.channels.put(Channel(channel_id="mine", owner=owner, targets=(ALICE,)))
    producer = build_producer(
        settings=ProducerSettings(_env_file=None), channels=here.resources.channels, claims=here.resources.claims
    )
    done = RenderDone(render=await a_render(here.media), channel_id="mine")
    async with running(producer, here.resources.settings):
        end = await here.comes_of(new_command(RENDER_DONE, done, source="test", owner=owner))
    assert (end.type, end.owner, here.posted) == (ends, owner, int(ends == "publish.done"))


@pytest.mark.parametrize("owner", [ADA, None])
async def test_what_comes_due_has_the_owner_of_its_order(here: Here, owner: str | None) -> None:
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    told = await here.order(owner, publish_at=due)
    assert (told.type, told.owner, here.posted) == ("publish.done", owner, 1)
    assert told.causationid != told.correlationid, "a timer has brought it"


async def test_what_waits_is_refused_when_the_account_has_become_somebody_elses(here: Here) -> None:
    waiting = await a_render(here.media)
    request = PublishRequested(
        render_id=waiting.render_id, account_id=ALICE, publish_at=datetime.now(UTC) + timedelta(seconds=2)
    )
    command = new_command(PUBLISH_REQUESTED, request, source="test", owner=ADA)
    await here.bus.publish(command)

    async def planned() -> bool:
        return bool(await stored(here.bus, "publish.planned"))

    await until(planned)
    assert (await here.bench.connected(owner=EVE)).owner == EVE
    refused = await here.comes_of(command)
    assert (refused.type, refused.owner, here.posted) == ("work.failed", ADA, 0)


async def test_what_was_begun_is_finished_for_its_owner_after_the_account_has_become_somebody_elses(
    here: Here,
) -> None:
    here.bench.server.fail("POST /videos", "429")

    render = await a_render(here.media)
    request = PublishRequested(render_id=render.render_id, account_id=ALICE)
    command = new_command(PUBLISH_REQUESTED, request, source="test", owner=ADA)
    await here.bus.publish(command)

    async def begun() -> bool:
        claim = await here.resources.claims.get(key_of(request.publication_id))
        return claim is not None and claim.step == SENDING

    await until(begun)
    await here.bench.connected(owner=EVE)
    finished = await here.comes_of(command)
    assert (finished.type, finished.owner, here.posted) == ("publish.done", ADA, 1)


async def test_an_account_that_the_operator_connects_again_stays_its_users(bench: AccountBench) -> None:
    assert (await bench.connected()).owner == "operator"
    assert (await bench.connected(owner=ADA)).owner == ADA
    assert (await bench.connected()).owner == ADA


async def test_what_the_operator_moves_by_a_plain_client_is_told_to_whose_post_it_is(here: Here) -> None:
    request = PublishRequested(
        render_id=(await a_render(here.media)).render_id,
        account_id=ALICE,
        publish_at=datetime.now(UTC) + timedelta(hours=1),
    )
    await here.bus.publish(new_command(PUBLISH_REQUESTED, request, source="test", owner=ADA))

    async def told(subject: str, owner: str | None) -> list[Any]:
        events = [message.event() for message in await stored(here.bus, subject)]
        return [event.data for event in events if event.owner == owner]

    async def planned() -> bool:
        return bool(await told("publish.planned", ADA))

    await until(planned)
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    moved = request.model_copy(update={"publish_at": due})
    await here.bus.js.publish("publish.requested", moved.model_dump_json(exclude_none=True).encode())

    async def out() -> bool:
        return bool(await told("publish.done", ADA)) and bool(await told("publish.done", None))

    await until(out)
    assert [said.at for said in await told("publish.planned", ADA)] == [request.publish_at, due]
    assert [said.at for said in await told("publish.planned", None)] == [due]
    assert here.posted == 1
