"""The trial itself: orders publications, breaks everything on the way, and counts what came of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from contracts.events import PublishRequested
from contracts.renders import Render
from contracts.subjects import PUBLISH_REQUESTED
from runtime.bus import Bus, new_command, open_bus
from runtime.embed import NatsServer
from runtime.media import FileMediaStore
from runtime.supervisor import Child, Supervisor
from tests.publisher.platforms.cases import CASES
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.server import PlatformServer
from tests.publisher.support import PRIVATE, a_render
from tests.reliability.worker import SERVERS

__all__ = ["Result", "trial"]

WORKERS = 3
REQUESTS_BETWEEN_KILLS = (10, 60)
LONGEST_PAUSE_S = 10.0
LATE_S = 5.0
"""Seconds in which somebody who goes on although all is said would be seen."""
SURE = 0.85
"""Share of the publications on a platform that can be searched that have to be done, and not left to a person."""
SEARCHED = frozenset(
    {"bluesky", "facebook", "instagram", "mastodon", "peertube", "pinterest", "tiktok", "x", "youtube"}
)
FAULTS = 0.08
"""Share of the requests that meet a fault."""


@dataclass
class Result:
    """What came of the publications. `wrong`: one line for each promise that was broken."""

    publications: int
    done: int = 0
    unconfirmed: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    worker_kills: int = 0
    server_kills: int = 0
    requests: int = 0
    seconds: float = 0.0
    platforms: dict[str, tuple[int, int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


async def trial(folder: Path, *, publications: int, seed: int, only: str | None = None) -> Result:
    """Publish so many shorts on all platforms that have a stand-in, under faults and kills."""
    result, began = Result(publications), time.monotonic()
    servers = _servers(seed, only)
    with ExitStack() as stack:
        urls = {name: stack.enter_context(server.running()) for name, server in servers.items()}
        orders = await _orders(FileMediaStore(folder / "media"), urls, publications)
        async with _workers(folder, urls) as (nats, supervisor, bus):
            for order, _ in orders:
                await bus.publish(new_command(PUBLISH_REQUESTED, order, source="trial"))
            killing = asyncio.create_task(_kill(supervisor, nats, servers.values(), result, random.Random(seed)))
            try:
                outcome = await _ended(bus, {order.publication_id for order, _ in orders})
                await asyncio.sleep(LATE_S)
            finally:
                killing.cancel()
        _count(result, orders, outcome, servers)
    result.seconds = time.monotonic() - began
    return result


def _servers(seed: int, only: str | None) -> dict[str, PlatformServer]:
    servers = {}
    for place, (name, case) in enumerate(sorted(_one_each().items())):
        if only not in {None, name}:
            continue
        servers[name] = case.server()
        servers[name].chaos(seed + place, FAULTS)
    return servers


def _one_each() -> dict[str, Case]:
    """One case for each platform: those with a space in their name are variants."""
    return {name: case for name, case in CASES.items() if " " not in name}


async def _orders(media: FileMediaStore, urls: dict[str, str], count: int) -> list[tuple[PublishRequested, Render]]:
    """Every render goes to every platform."""
    orders: list[tuple[PublishRequested, Render]] = []
    number = 0
    while len(orders) < count:
        render = await a_render(media, start=float(number), title=f"Short number {number}")
        for name in urls:
            account = f"{name}:{CASES[name].account}"
            order = PublishRequested(
                render_id=render.render_id, account_id=account, description=f"What number {number} is about"
            )
            orders.append((order, render))
        number += 1
    return orders[:count]


@asynccontextmanager
async def _workers(folder: Path, urls: dict[str, str]) -> AsyncIterator[tuple[NatsServer, Supervisor, Bus]]:
    nats = NatsServer(folder / "nats")
    await nats.start()
    environment = {
        **os.environ,
        "CLIPWIRE_HOME": str(folder),
        "CLIPWIRE_NATS_URL": nats.url,
        "CLIPWIRE_ACK_WAIT_S": "3",
        "CLIPWIRE_LOG_FORMAT": "json",
        SERVERS: json.dumps(urls),
        **PRIVATE,
    }
    names = [f"worker {number}" for number in range(WORKERS)]
    children = [Child("tests.reliability.worker", environment, folder / f"{name}.log", arguments=()) for name in names]
    supervisor = Supervisor(children, [nats], longest_pause=0.2)
    try:
        async with open_bus(nats.url, name="trial") as bus:
            await bus.provision()
            supervisor.start()
            yield nats, supervisor, bus
    finally:
        await supervisor.stop(5)
        await nats.stop()


async def _kill(
    supervisor: Supervisor, nats: NatsServer, servers: Collection[PlatformServer], result: Result, dice: random.Random
) -> None:
    """Kill a worker after every few requests, and the NATS server with every thirtieth; they are started again."""
    while True:
        asked = _requests(servers) + dice.randint(*REQUESTS_BETWEEN_KILLS)
        with suppress(TimeoutError):  # all of them wait for something: a good moment too
            async with asyncio.timeout(LONGEST_PAUSE_S):
                while _requests(servers) < asked:
                    await asyncio.sleep(0.01)
        alive = [child.pid for child in supervisor.children if child.pid is not None]
        if alive:
            os.kill(dice.choice(alive), signal.SIGKILL)
            result.worker_kills += 1
        if result.worker_kills % 30 == 29 and nats.pid is not None:
            os.kill(nats.pid, signal.SIGKILL)
            result.server_kills += 1


def _requests(servers: Collection[PlatformServer]) -> int:
    return sum(len(server.requests) for server in servers)


async def _ended(bus: Bus, wanted: set[str]) -> dict[str, tuple[str, str]]:
    """How each publication ended: by its id the subject that said so, and what happened where it failed."""
    outcome: dict[str, tuple[str, str]] = {}
    ends = ("publish.done", "publish.unconfirmed", "work.failed")
    async for batch in bus.read(subjects=ends):
        for message in batch:
            event = message.event()
            failure = event.data.failure if event.type == "work.failed" else None
            ident = failure.entity if failure else event.data.key
            if ident in wanted:
                outcome.setdefault(ident, (event.type, failure.what if failure else ""))
        if len(outcome) == len(wanted):
            return outcome
    raise AssertionError("the stream has ended")


def _count(
    result: Result,
    orders: list[tuple[PublishRequested, Render]],
    outcome: dict[str, tuple[str, str]],
    servers: dict[str, PlatformServer],
) -> None:
    """Compare what is said with what the platforms hold."""
    held = {
        name: Counter(hashlib.sha256(video).hexdigest() for video in server.posted) for name, server in servers.items()
    }
    result.requests = _requests(servers.values())
    for order, render in orders:
        name = order.account_id.partition(":")[0]
        there, (said, why) = held[name][render.video.sha256], outcome[order.publication_id]
        result.done += said == "publish.done"
        result.unconfirmed += said == "publish.unconfirmed"
        if said == "work.failed":
            result.failed[name] += 1
            result.wrong.append(f"{order.account_id}: {render.render_id} ended in work.failed: {why}")
        if there > 1:
            result.wrong.append(f"{order.account_id}: {render.render_id} is there {there} times")
        if said == "publish.done" and there != 1:
            result.wrong.append(f"{order.account_id}: {render.render_id} is said to be done and is there {there} times")
        done, unsure = result.platforms.get(name, (0, 0))
        result.platforms[name] = (done + (said == "publish.done"), unsure + (said == "publish.unconfirmed"))
    for name, (done, unsure) in result.platforms.items():
        if name in SEARCHED and done < SURE * (done + unsure):
            result.wrong.append(f"{name}: {unsure} of {done + unsure} were left to a person, though it can be searched")
    for name, found in held.items():
        strange = set(found) - {render.video.sha256 for _, render in orders}
        if strange:
            result.wrong.append(f"{name}: {len(strange)} videos there are damaged")
