"""A process watches itself: it says that it is alive, and that what it listens to is there and really pulled."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any
from uuid import uuid4

import structlog
from faststream.nats import NatsBroker
from nats.errors import Error as NatsError
from nats.js.errors import APIError, NotFoundError

from runtime.actor import Actor
from runtime.bus import Bus
from runtime.errors import Unavailable
from runtime.kv import bucket_of
from runtime.topology import EVENTS, Consumer

__all__ = ["keep_consumers", "keep_vigil"]

log = structlog.get_logger(__name__)


async def keep_vigil(
    actor: Actor, bus: Bus, broker: NatsBroker, consumers: list[Consumer], *, every: float = 5.0
) -> None:
    """Every few seconds, for ever. Raises `Unavailable` when this process no longer pulls: it must not look alive."""
    key = f"{actor.name}.{uuid4().hex[:12]}"
    body = json.dumps({"actor": actor.name, "pid": os.getpid(), "listens": [s.name for s in actor.handlers]}).encode()
    floors: dict[str, int] = {}
    while True:
        if any(_ended(subscriber) for subscriber in broker.subscribers):
            raise Unavailable("a loop that pulls messages has ended", advice="This process starts again by itself")
        try:
            await bucket_of(bus.js, "actors").put(key, body)
            if not bus.limited:
                for consumer in consumers:
                    await _look(bus, consumer, floors)
        except (NatsError, APIError, OSError, TimeoutError) as error:
            log.info("vigil.server_away", error=str(error) or type(error).__name__)
        await asyncio.sleep(every)


async def keep_consumers(bus: Bus, consumers: list[Consumer], *, every: float = 5.0) -> None:
    """For processes that may not do it themselves: see every few seconds, for ever, that these consumers are there."""
    floors: dict[str, int] = {}
    while True:
        try:
            for consumer in consumers:
                await _look(bus, consumer, floors)
        except (NatsError, APIError, OSError, TimeoutError) as error:
            log.info("vigil.server_away", error=str(error) or type(error).__name__)
        await asyncio.sleep(every)


async def _look(bus: Bus, consumer: Consumer, floors: dict[str, int]) -> None:
    """Remember how far the consumer is; one that somebody deleted is made again from there, not from the beginning."""
    try:
        info = await bus.js.consumer_info(EVENTS, consumer.name)
    except NotFoundError:
        after = floors.get(consumer.name, 0)
        log.warning("consumer.missing", consumer=consumer.name, made_again_after=after)
        await bus.provision([consumer], after={consumer.name: after})
        return
    if info.ack_floor is not None:
        floors[consumer.name] = info.ack_floor.stream_seq


def _ended(subscriber: Any) -> bool:
    """FastStream starts a pulling task again when it fails; none left means that it has given up."""
    tasks: list[asyncio.Task[Any]] = getattr(subscriber, "tasks", [])
    return bool(tasks) and all(task.done() for task in tasks)
