"""What has run out is deleted, every hour."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from runtime.database import DatabaseErrors

__all__ = ["keep_swept"]

log = structlog.get_logger(__name__)
_EVERY_S = 3600.0


async def keep_swept(*sweeps: Callable[[], Awaitable[None]]) -> None:
    """Do each of them now and every hour, until it is cancelled."""
    while True:
        for sweep in sweeps:
            try:
                await sweep()
            except (*DatabaseErrors, asyncpg.PostgresError) as error:
                log.warning("gateway.not_swept", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(_EVERY_S)
