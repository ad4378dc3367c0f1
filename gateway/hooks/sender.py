"""Tells the webhooks what happens: reads the stream into deliveries, and sends them until they are taken or given up.

What is to be sent is written down in the transaction that moves the place in the stream, and goes when the receiver has
taken it: at least once, whatever ends in between. One process at a time does this, whoever holds the advisory lock.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import structlog

from gateway.hooks.retries import DISABLE_AFTER_S, PATIENCE_S, delay
from gateway.hooks.secrets import Vault, signature
from gateway.hooks.statements import statement
from gateway.projection.projector import EventLog
from gateway.users.audit import Audit, Came
from runtime.bus import StoredEvent
from runtime.database import Connection, DatabaseErrors, Pool
from runtime.errors import ClipwireError, Reject, Retry
from runtime.jitter import jitter
from runtime.tasks import end, until_one_ends

__all__ = ["Sender"]

log = structlog.get_logger(__name__)

_BATCH = 200
_AT_A_TIME = 32
_OF_ONE = 4
"""A receiver that is slow holds no more than this."""
_LOOK_S = 30.0
_STAND_BY_S = 3.0
_LONGEST_PAUSE_S = 10.0
_GONE = 410
_HERE = Came("this machine")
Row = dict[str, Any]


class Sender:
    """One of these per process. `client`: guarded, and it follows no redirects."""

    def __init__(self, pool: Pool, bus: EventLog, audit: Audit, vault: Vault, client: httpx.AsyncClient) -> None:
        self._pool = pool
        self._bus = bus
        self._audit = audit
        self._vault = vault
        self._client = client
        self._news = asyncio.Event()
        self._under_way: dict[tuple[str, int], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Send until it is cancelled. What goes wrong is said in the log, and tried again."""
        pause = 0.1
        while True:
            try:
                await self._hold()
                pause = 0.1
            except (*DatabaseErrors, asyncpg.PostgresError, Retry) as error:
                log.warning("webhooks.failed", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE_S, pause * 2)

    async def _hold(self) -> None:
        async with self._pool.acquire() as connection:
            if not await connection.fetchval(statement("webhooks.sql", "try_singleton")):
                await asyncio.sleep(_STAND_BY_S)
                return
            told = asyncio.Event()

            def tell(*_: Any) -> None:
                told.set()
                self._news.set()

            await connection.add_listener("hooks", tell)
            try:
                await until_one_ends(self._fan_out(connection, told), self._send())
            finally:
                await end(*self._under_way.values())
                with suppress(*DatabaseErrors):
                    await connection.remove_listener("hooks", tell)

    async def _fan_out(self, connection: Connection, told: asyncio.Event) -> None:
        """From the stream into deliveries. The stream is not read while there is no webhook."""
        while not await self._any(told):
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await told.wait()
        place = await self._place(connection)
        async with aclosing(self._bus.read(after=place, batch=_BATCH)) as batches:
            async for messages in batches:
                await self._note(connection, messages)
                self._news.set()

    async def _any(self, told: asyncio.Event) -> bool:
        told.clear()
        there: bool = await self._pool.fetchval(statement("webhooks.sql", "any"))
        return there

    async def _place(self, connection: Connection) -> int:
        """Where to go on; at the end of a stream that is another one than before."""
        state = await self._bus.stream_state()
        (row,) = await connection.fetch(statement("webhooks.sql", "read_place"))
        sequence: int = row["sequence"] or 0
        if row["stream_created"] in (None, state.created) and sequence <= state.last:
            return sequence
        await connection.execute(statement("webhooks.sql", "set_place"), state.last, state.created)
        return state.last

    async def _note(self, connection: Connection, messages: list[StoredEvent]) -> None:
        created = (await self._bus.stream_state()).created
        rows = [row for message in messages if (row := _row(message)) is not None]
        async with connection.transaction():
            if rows:
                columns = [list(column) for column in zip(*rows, strict=True)]
                await connection.execute(statement("webhooks.sql", "fan_out"), *columns)
            await connection.execute(statement("webhooks.sql", "set_place"), messages[-1].sequence, created)

    async def _send(self) -> None:
        while True:
            self._news.clear()
            if not await self._begin():
                seconds = await self._pool.fetchval(statement("webhooks.sql", "next_due"))
                waits = _LOOK_S if seconds is None or self._under_way else max(0.05, min(seconds, _LOOK_S))
                with suppress(TimeoutError):
                    async with asyncio.timeout(waits):
                        await self._news.wait()

    async def _begin(self) -> int:
        """Begin what is due, and tell how much that was."""
        if (free := _AT_A_TIME - len(self._under_way)) <= 0:
            return 0
        webhooks = [webhook for webhook, _ in self._under_way]
        sequences = [sequence for _, sequence in self._under_way]
        due = await self._pool.fetch(statement("webhooks.sql", "due"), free, _OF_ONE, webhooks, sequences)
        of_one, begun = Counter(webhooks), 0
        for row in map(dict, due):
            if of_one[row["webhook_id"]] >= _OF_ONE:
                continue
            of_one[row["webhook_id"]] += 1
            begun += 1
            key = (row["webhook_id"], row["sequence"])
            task = self._under_way[key] = asyncio.create_task(self._deliver(row))
            task.add_done_callback(partial(self._ended, key))
        return begun

    def _ended(self, key: tuple[str, int], _: asyncio.Task[None]) -> None:
        del self._under_way[key]
        self._news.set()

    async def _deliver(self, row: Row) -> None:
        """One attempt. A database that is away loses nothing of it: it is made again."""
        with suppress(*DatabaseErrors, asyncpg.PostgresError):
            status, error, asked = await self._attempt(row)
            which = (row["webhook_id"], row["sequence"])
            if error is None:
                await self._pool.execute(statement("webhooks.sql", "taken"), *which)
                return
            seconds = delay(row["attempts"] + 1, chance=jitter(), asked=asked)
            failing = await self._pool.fetchval(statement("webhooks.sql", "failed"), *which, seconds, status, error)
            if status == _GONE:
                await self._disable(row, "the receiver answered 410: it wants no more")
            elif failing is not None and failing > DISABLE_AFTER_S:
                await self._disable(row, f"nothing has arrived for days; at last: {error}")

    async def _disable(self, row: Row, why: str) -> None:
        """Send nothing there any more. The audit says so in the same transaction: once, whatever ends in between."""
        webhook, host = row["webhook_id"], urlsplit(row["url"]).hostname
        async with self._pool.acquire() as connection, connection.transaction():
            disabled = await connection.fetchrow(statement("webhooks.sql", "disable"), webhook, why)
            if disabled is None:
                return
            entry = await self._audit.put(
                connection,
                "webhook.disabled",
                None,
                _HERE,
                about=webhook,
                host=host,
                reason=why,
                owner=disabled["owner"],
            )
        log.warning("webhook.disabled", webhook=webhook, why=why)
        await self._audit.announce(entry)

    async def _attempt(self, row: Row) -> tuple[int | None, str | None, float | None]:
        """Status, why it did not arrive, and after how many seconds the receiver wants to be asked again."""
        at, body = datetime.now(UTC), row["body"].encode()
        try:
            keys = [self._vault.open(sealed) for sealed in (row["secret"], row["old_secret"]) if sealed]
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "Clipwire",
                "webhook-id": row["event_id"],
                "webhook-timestamp": str(int(at.timestamp())),
                "webhook-signature": signature(keys, row["event_id"], at, body),
            }
            async with (
                asyncio.timeout(PATIENCE_S),
                self._client.stream("POST", row["url"], content=body, headers=headers) as answer,
            ):
                status = answer.status_code
        except TimeoutError:
            return None, f"no answer within {PATIENCE_S:g} s", None
        except (httpx.HTTPError, httpx.InvalidURL, ClipwireError) as error:
            return None, str(error) or type(error).__name__, None
        if 200 <= status < 300:
            return status, None, None
        return status, f"the receiver answered {status}", _seconds(answer.headers.get("retry-after"))


def _row(message: StoredEvent) -> tuple[int, str, str, str | None, str] | None:
    """Sequence, id, subject, owner and body of an event; none for a message that is none, or is for one actor alone."""
    if message.subject.startswith("redrive."):
        return None
    try:
        event = message.event()
    except (Reject, ValueError, RecursionError):
        return None
    body = event.to_json().decode()
    # PostgreSQL keeps no U+0000; as an escape it stays what it is.
    return message.sequence, event.id.replace("\0", ""), event.type, event.owner, body


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isascii() and header.isdigit() and len(header) < 8 else None
