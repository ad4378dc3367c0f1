"""The bot's own schema in PostgreSQL, and the lock by which one process at a time speaks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from runtime import database
from runtime.database import Pool, Sql

__all__ = ["SQL", "alone", "open_pool"]

SQL = Sql(Path(__file__).parent / "sql")


@asynccontextmanager
async def open_pool(url: str) -> AsyncIterator[Pool]:
    """Connections to the database, its schema in place. Raises `Unavailable` after 30 seconds without one."""
    async with database.open_pool(url, init=_prepare) as pool:
        await database.migrate(pool, SQL)
        yield pool


@asynccontextmanager
async def alone(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """Waits until no other process speaks for these bots, and holds that place for as long as the connection lives."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(SQL.statement("schema.sql", "be_alone"))
        yield connection
    finally:
        await connection.close()


async def _prepare(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
