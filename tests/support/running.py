"""An actor running in the test's own process, on the test's own server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from runtime.actor import Actor
from runtime.bus import Bus, StoredEvent
from runtime.serve import Resources, open_resources, run_actor
from runtime.settings import RuntimeSettings


def settings_for(nats_url: str, home: Path, **more: Any) -> RuntimeSettings:
    """Short waits, so that redeliveries are seen within a test."""
    return RuntimeSettings(nats_url=nats_url, home=home, **{"ack_wait_s": 1.0, "drain_s": 0.3, **more})


@asynccontextmanager
async def running(
    actor: Actor, settings: RuntimeSettings, *, stop: asyncio.Event | None = None, vigil_s: float = 5.0
) -> AsyncIterator[Resources]:
    """Runs the actor for the length of the block."""
    ended = stop or asyncio.Event()
    async with open_resources(settings) as resources:
        task = asyncio.create_task(run_actor(actor, resources, ended, vigil_s=vigil_s))
        try:
            yield resources
        finally:
            ended.set()
            await task


async def stored(bus: Bus, *subjects: str) -> list[StoredEvent]:
    """What is on the stream now."""
    return [event async for batch in bus.read(subjects=subjects, follow=False) for event in batch]


async def heard(bus: Bus, subject: str, times: int, *, body: bytes | None = None, within: float = 20.0) -> None:
    """Wait until the server was told something so often, for example by an acknowledgement or a question about it."""
    subscription = await bus.client.subscribe(subject)
    try:
        async with asyncio.timeout(within):
            while times:
                message = await anext(subscription.messages)
                if body in (None, message.data):
                    times -= 1
    finally:
        await subscription.unsubscribe()


async def until(condition: Callable[[], Awaitable[bool]], within: float = 20.0) -> None:
    """Wait for a condition; fails when it is not met in time."""

    async def poll() -> None:
        while not await condition():
            await asyncio.sleep(0.02)

    await asyncio.wait_for(poll(), within)
