"""Reads the EVENTS stream from its checkpoint into PostgreSQL: every batch and its checkpoint in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

import asyncpg
import structlog
from pydantic_core import to_json

from gateway.projection.batch import EVENT_COLUMNS, Batch, fingerprint, project
from gateway.projection.changes import KEYS
from gateway.projection.database import Connection, DatabaseErrors, Pool, about_data, reset
from gateway.projection.statements import statement
from runtime.bus import StoredEvent, StreamState
from runtime.errors import Retry
from runtime.tasks import end, until_one_ends

__all__ = ["EventLog", "Projector", "Status"]

log = structlog.get_logger(__name__)

_LOOK_S = 2.0
_LONGEST_PAUSE_S = 10.0


class EventLog(Protocol):
    """The stream, as far as a projector needs it."""

    def read(
        self, *, after: int = 0, subjects: Sequence[str] = (), follow: bool = True, batch: int = 500
    ) -> AsyncGenerator[list[StoredEvent], None]:
        """See `runtime.bus.Bus.read`."""
        ...

    async def stream_state(self) -> StreamState:
        """See `runtime.bus.Bus.stream_state`."""
        ...


@dataclass(frozen=True)
class Status:
    """`running`: it projects; `standby`: another process does; `failed`: tried again soon, `error` says why not now."""

    state: Literal["starting", "running", "standby", "failed", "stopped"] = "starting"
    error: str | None = None


class _StartAgainError(Exception):
    """The checkpoint or the stream is not what it was: begin from what they are now."""


class Projector:
    """One of these per process; one of all of them at a time projects, whoever holds the advisory lock."""

    def __init__(self, pool: Pool, bus: EventLog, *, batch: int = 1000) -> None:
        self.pool = pool
        self.bus = bus
        self.batch = batch
        self.status = Status()
        self._position = 0
        self._writing = asyncio.Lock()

    async def run(self) -> None:
        """Project until it is cancelled. What goes wrong is said in `status` and in the log, and tried again."""
        pause = 0.1
        try:
            while True:
                try:
                    await self._hold_and_follow()
                    pause = 0.1
                except (*DatabaseErrors, asyncpg.PostgresError, Retry) as error:
                    self._fail(error)
                except Exception as error:  # a bug must neither end the projection for good nor stay unseen
                    self._fail(error)
                    log.exception("projection.bug")
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE_S, pause * 2)
        finally:
            self.status = Status("stopped", self.status.error)

    async def catch_up(self) -> int:
        """Project what is stored now; the sequence that was reached. For one process alone, as in a replay."""
        async with self.pool.acquire() as connection:
            position = await self._starting_point(connection)
            created = (await self.bus.stream_state()).created
            async with aclosing(self._ahead(position, follow=False)) as batches:
                async for messages, batch in batches:
                    position = await self._apply(connection, messages, batch, position, created)
        return position

    def _fail(self, error: Exception) -> None:
        self.status = Status("failed", f"{type(error).__name__}: {error}")
        log.warning("projection.failed", error=self.status.error)

    async def _hold_and_follow(self) -> None:
        # Everything is written on the connection that holds the lock: with the one, the other is lost.
        async with self.pool.acquire() as connection:
            while not await connection.fetchval(statement("writes.sql", "try_singleton")):
                self.status = Status("standby")
                await asyncio.sleep(_LOOK_S / 2)
            told = asyncio.Event()

            def tell(*_: Any) -> None:
                told.set()

            await connection.add_listener("gateway_reset", tell)
            try:
                while True:
                    told.clear()
                    await self._follow(connection, told)
            finally:
                with suppress(*DatabaseErrors):
                    await connection.remove_listener("gateway_reset", tell)

    async def _follow(self, connection: Connection, told: asyncio.Event) -> None:
        """Project until the checkpoint or the stream turn out to be other ones."""
        self._position = await self._starting_point(connection)
        created = (await self.bus.stream_state()).created
        self.status = Status("running")
        log.info("projection.running", after=self._position)
        try:
            await until_one_ends(self._read(connection, created), self._look(told, created))
        except _StartAgainError as again:
            log.info("projection.starts_again", why=str(again))

    async def _read(self, connection: Connection, created: datetime) -> None:
        async with aclosing(self._ahead(self._position, follow=True)) as batches:
            async for messages, batch in batches:
                async with self._writing:
                    self._position = await self._apply(connection, messages, batch, self._position, created)

    async def _ahead(self, after: int, *, follow: bool) -> AsyncGenerator[tuple[list[StoredEvent], Batch], None]:
        """Messages and what they lead to; the next ones are read and decoded while PostgreSQL writes these."""
        reading = self.bus.read(after=after, follow=follow, batch=self.batch)

        async def following() -> tuple[list[StoredEvent], Batch] | None:
            messages = await anext(reading, None)
            # In a thread, so that a rebuild does not hold up requests.
            return None if messages is None else (messages, await asyncio.to_thread(project, messages))

        working = asyncio.create_task(following())
        try:
            while (ready := await working) is not None:
                working = asyncio.create_task(following())
                yield ready
        finally:
            await end(working)

    async def _look(self, told: asyncio.Event, created: datetime) -> None:
        """See whether we are still where we think we are: after every reset, and every few seconds."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await told.wait()
            told.clear()
            with suppress(Retry):  # the server is away; the stream can wait
                state = await self.bus.stream_state()
                if state.created != created or state.last < self._position:
                    raise _StartAgainError("the stream is another one, or has lost its end")
            async with self._writing:
                if await self.pool.fetchval(statement("writes.sql", "read_checkpoint")) != self._position:
                    raise _StartAgainError("the checkpoint was moved")

    async def _starting_point(self, connection: Connection) -> int:
        """The checkpoint; 0, after emptying the read models, when they were made from another stream."""
        row = await connection.fetchrow(statement("writes.sql", "read_checkpoint"))
        if row is None or row["sequence"] == 0:
            return 0
        sequence: int = row["sequence"]
        state = await self.bus.stream_state()
        if state.created == row["stream_created"] and state.last >= sequence:
            async with aclosing(self.bus.read(after=sequence - 1, follow=False, batch=1)) as batches:
                async for messages in batches:
                    if messages[0].sequence == sequence and fingerprint(messages[0]) == row["fingerprint"]:
                        return sequence
                    break
        log.warning(
            "projection.rebuild", why="the stream went backwards or was made anew", checkpoint=sequence, last=state.last
        )
        await reset(self.pool, requests=True)
        return 0

    async def _apply(
        self, connection: Connection, messages: list[StoredEvent], batch: Batch, position: int, created: datetime
    ) -> int:
        """Write a batch and its checkpoint; the new position. Raises `_StartAgainError` if it was not at `position`."""
        try:
            await self._write(connection, messages, position, created, batch)
        except asyncpg.PostgresError as error:
            if not about_data(error):
                raise
            # The database refuses something in it. What? Halves, until it stands alone and is kept as malformed.
            if len(messages) == 1:
                refused = project(messages, refused=f"the database does not take it ({error})")
                await self._write(connection, messages, position, created, refused)
            else:
                middle = len(messages) // 2
                for half in (messages[:middle], messages[middle:]):
                    position = await self._apply(connection, half, project(half), position, created)
        return messages[-1].sequence

    async def _write(
        self, connection: Connection, messages: list[StoredEvent], position: int, created: datetime, batch: Batch
    ) -> None:
        last = messages[-1]
        async with connection.transaction():
            moved = await connection.fetchval(
                statement("writes.sql", "move_checkpoint"), position, last.sequence, created, fingerprint(last)
            )
            if moved is None:
                raise _StartAgainError("the checkpoint was moved")
            await connection.copy_records_to_table(
                "events", schema_name="gateway", columns=EVENT_COLUMNS, records=batch.events
            )
            for table, rows in (("totals", batch.total_rows()), *((name, batch.changes.rows(name)) for name in KEYS)):
                if rows:
                    await connection.execute(statement("writes.sql", table), to_json(rows).decode())
            if await connection.fetchval(statement("writes.sql", "any_forgotten")):
                await connection.execute(statement("writes.sql", "drop_forgotten"), position)
