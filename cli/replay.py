"""Rebuilds the read models from the stream."""

from __future__ import annotations

import asyncio
import time

from cli.addresses import running_addresses
from cli.output import CliError
from gateway.projection.database import migrate, open_pool, reset
from gateway.projection.projector import Projector
from gateway.projection.reads import ReadModels
from runtime.bus import open_bus
from runtime.settings import RuntimeSettings
from runtime.tasks import end

__all__ = ["replay_projection"]


async def replay_projection(settings: RuntimeSettings) -> tuple[int, float]:
    """Empty the read models and fill them up to the last event of now; (events, seconds).

    Where a door projects already, that one is told and does it; else this process does.
    """
    addresses = running_addresses(settings)
    if addresses.database_url is None:
        raise CliError(
            "there is no database to rebuild",
            advice="Start `clipwire up` with its HTTP door, or set CLIPWIRE_DATABASE_URL",
        )
    async with (
        open_bus(addresses.nats_url, name="clipwire-replay", within=5) as bus,
        open_pool(addresses.database_url, within=5) as pool,
    ):
        await migrate(pool)
        last = (await bus.stream_state()).last
        begun = time.monotonic()
        await reset(pool)
        projector = Projector(pool, bus)
        projecting = asyncio.create_task(projector.run())  # stands by for as long as a door holds the lock
        try:
            while await ReadModels(pool).checkpoint() < last:
                if projector.status.state == "failed":
                    raise CliError(f"the projection failed: {projector.status.error}")
                await asyncio.sleep(0.05)
        finally:
            await end(projecting)
        return last, time.monotonic() - begun
