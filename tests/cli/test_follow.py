"""What is waited for ends: the work is done, or nobody is there any more to do it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cli.display import Silence
from cli.follow import LostError, follow
from cli.order import follow_order
from cli.scan import Search
from contracts.envelope import Event
from contracts.events import (
    CandidateApproved,
    CandidateFound,
    DiscoveryDone,
    DiscoveryRequested,
    PublishRequested,
)
from contracts.subjects import BY_NAME, CANDIDATE_FOUND, DISCOVERY_DONE, DISCOVERY_REQUESTED, PUBLISH_REQUESTED
from runtime.actor import Actor, Work
from runtime.bus import Bus, new_command
from runtime.home import Addresses, HomeLock
from runtime.media import FileMediaStore
from runtime.stack import Stack
from tests.support.running import heard, running, settings_for, stored, until

SAMPLES = Path(__file__).resolve().parents[1] / "contracts/samples/v1"


LOOKED = "$JS.API.CONSUMER.LIST.EVENTS"
"""What the follower asks each time that it looks whether anybody still works."""


def _sample(name: str) -> Any:
    return BY_NAME[name].model.model_validate(json.loads((SAMPLES / f"{name}.json").read_text())["data"])


@pytest.fixture
async def joined(bus: Bus, nats_url: str, tmp_path: Path, media: FileMediaStore) -> AsyncIterator[Stack]:
    """A Clipwire of somebody else, as its lock and run.json tell."""
    addresses = Addresses(nats_url, None, "file:///nowhere", None, 1)
    (tmp_path / "run.json").write_text(json.dumps(asdict(addresses)))
    with HomeLock(tmp_path):
        yield Stack(addresses, bus, media, own=False, home=tmp_path)


def _passing(name: str, *flow: tuple[str, str | None]) -> Actor:
    """An actor that answers each subject with a sample of another, or with nothing."""
    actor = Actor(name, slots=1)
    for subject, answer in flow:

        def listen(subject: str, answer: str | None) -> None:
            @actor.listen(BY_NAME[subject])
            async def handle(_: Any, work: Work) -> None:
                if answer is not None:
                    await work.emit(BY_NAME[answer], _sample(answer))

        listen(subject, answer)
    return actor


def _discovery(*, finds: int = 1) -> Actor:
    actor = Actor("discovery", slots=1)

    @actor.listen(DISCOVERY_REQUESTED)
    async def handle(_: DiscoveryRequested, work: Work) -> None:
        found: CandidateFound = _sample("candidate.found")
        for _number in range(finds):
            await work.emit(CANDIDATE_FOUND, found)
        done: DiscoveryDone = _sample("discovery.done")
        await work.emit(DISCOVERY_DONE, done.model_copy(update={"found": finds}))

    return actor


@asynccontextmanager
async def _running(nats_url: str, home: Path, *actors: Actor) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for actor in actors:
            await stack.enter_async_context(running(actor, settings_for(nats_url, home)))
        yield


async def _alive(bus: Bus, *names: str) -> None:
    async with asyncio.timeout(10):
        while not {process.actor for process in await bus.processes()} >= set(names):
            await asyncio.sleep(0.05)


def _scan() -> tuple[Event[Any], Search]:
    command = new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche="n"), source="test")
    return command, Search(command.id)


def _silent(_event: Event[Any], _words: str | None) -> None:
    return None


async def test_nothing_is_asked_of_a_clipwire_that_runs_only_some_actors(
    joined: Stack, nats_url: str, tmp_path: Path
) -> None:
    command, search = _scan()
    async with _running(nats_url, tmp_path, _discovery()):
        await _alive(joined.bus, "discovery")
        with pytest.raises(LostError, match="nobody does the work of: ranker"):
            await follow(joined, command, search, _silent)
    assert await stored(joined.bus) == []


async def test_a_scan_ends_with_what_was_ranked(joined: Stack, nats_url: str, tmp_path: Path) -> None:
    command, search = _scan()
    async with _running(nats_url, tmp_path, _discovery(), _passing("ranker", ("candidate.found", "candidate.ranked"))):
        await _alive(joined.bus, "discovery", "ranker")
        async with asyncio.timeout(20):
            await follow(joined, command, search, _silent)
    assert len(search.ranked) == 1
    assert search.answer.found == 1


async def test_what_its_actor_answers_with_nothing_is_not_waited_for(
    joined: Stack, nats_url: str, tmp_path: Path
) -> None:
    command, search = _scan()
    async with _running(nats_url, tmp_path, _discovery(), _passing("ranker", ("candidate.found", None))):
        await _alive(joined.bus, "discovery", "ranker")
        async with asyncio.timeout(20):
            await follow(joined, command, search, _silent)
    assert search.ranked == {}


async def test_a_listener_that_goes_away_ends_the_wait(joined: Stack, nats_url: str, tmp_path: Path) -> None:
    command, search = _scan()
    async with AsyncExitStack() as others:
        await others.enter_async_context(_running(nats_url, tmp_path, _discovery()))
        async with _running(nats_url, tmp_path, _passing("ranker", ("candidate.found", None))):
            await _alive(joined.bus, "discovery", "ranker")
        with pytest.raises(LostError, match="nobody does the work of: ranker"):
            async with asyncio.timeout(30):
                await follow(joined, command, search, _silent, patience=1.0)
    assert search.done is not None


async def test_a_clipwire_that_ends_ends_the_wait(
    bus: Bus, nats_url: str, tmp_path: Path, media: FileMediaStore
) -> None:
    addresses = Addresses(nats_url, None, "file:///nowhere", None, 1)
    (tmp_path / "run.json").write_text(json.dumps(asdict(addresses)))
    stack = Stack(addresses, bus, media, own=False, home=tmp_path)
    command, search = _scan()
    deaf = Actor("ranker", slots=1)
    slow = asyncio.Event()

    @deaf.listen(CANDIDATE_FOUND)
    async def handle(_: CandidateFound, work: Work) -> None:
        await slow.wait()

    async with _running(nats_url, tmp_path, _discovery(), deaf):
        await _alive(bus, "discovery", "ranker")
        with HomeLock(tmp_path):
            following = asyncio.create_task(follow(stack, command, search, _silent))
            async with asyncio.timeout(10):
                while search.done is None:
                    await asyncio.sleep(0.05)
            assert not following.done()
        # run.json is still there, and its process id is alive, as after `kill -9` of the first process of a container.
        with pytest.raises(LostError, match="has ended"):
            async with asyncio.timeout(10):
                await following
        slow.set()


async def _rendered(bus: Bus, shorts: int) -> bool:
    return len(await stored(bus, "render.done")) >= shorts


def _chain(bus: Bus, renders: int, *, publishes: bool) -> list[Actor]:
    """The actors of an order, of which the producer decides what nobody can guess from the channel.

    It asks for each short only when the one before is made, and when the follower had time to find nothing else open.
    """
    producer = Actor("producer", slots=1)

    @producer.listen(BY_NAME["clip.analyzed"])
    async def on_clip_analyzed(_: Any, work: Work) -> None:
        request = _sample("render.requested")
        for number in range(renders):
            await until(partial(_rendered, bus, number))
            await heard(bus, LOOKED, 3)
            await work.emit(BY_NAME["render.requested"], request.model_copy(update={"end": request.end + number}))

    @producer.listen(BY_NAME["render.done"])
    async def on_render_done(done: Any, work: Work) -> None:
        if publishes:
            request = PublishRequested(render_id=done.render.render_id, account_id="outbox:default")
            await work.emit(PUBLISH_REQUESTED, request)

    renderer = Actor("renderer", slots=1)

    @renderer.listen(BY_NAME["render.requested"])
    async def on_render_requested(request: Any, work: Work) -> None:
        done = _sample("render.done")
        render = done.render.model_copy(update={"render_id": request.render_id})
        await work.emit(BY_NAME["render.done"], done.model_copy(update={"render": render}))

    return [
        producer,
        renderer,
        _passing("downloader", ("candidate.approved", "clip.downloaded")),
        _passing("transcriber", ("clip.downloaded", "clip.transcribed")),
        _passing("vlm", ("clip.transcribed", "clip.analyzed")),
        _passing("publisher", ("publish.requested", None)),
    ]


@pytest.mark.parametrize(("renders", "publishes"), [(0, False), (2, False), (2, True)])
async def test_an_order_ends_with_whatever_the_producer_decides(
    joined: Stack, nats_url: str, tmp_path: Path, renders: int, *, publishes: bool
) -> None:
    actors = _chain(joined.bus, renders, publishes=publishes)
    async with _running(nats_url, tmp_path, *actors):
        await _alive(joined.bus, *(actor.name for actor in actors))
        async with asyncio.timeout(25):
            job = await follow_order(joined, CandidateApproved(url="file:///x.mp4"), Silence())
    assert job.lost is None
    assert job.finished
    assert len(job.ordered_renders) == renders
