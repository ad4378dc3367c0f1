"""YouTube channels that are followed: the hub is asked for them, and asked again before a lease ends."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import asyncpg
import httpx
import structlog

from gateway.hooks.secrets import Vault
from gateway.hooks.statements import statement
from gateway.hooks.websub import topic
from runtime.database import DatabaseErrors, Pool
from runtime.errors import ClipwireError, Reject

__all__ = ["Follows"]

log = structlog.get_logger(__name__)

_LEASE_S = 10 * 24 * 3600  # the most that YouTube's hub gives
_AGAIN_S = 600.0
_LOOK_S = 60.0
_PATIENCE_S = 15.0
Row = dict[str, Any]


class Follows:
    """Every method may raise one of `runtime.database.DatabaseErrors`."""

    def __init__(self, pool: Pool, vault: Vault, *, hub: str, most: int) -> None:
        self._pool = pool
        self._vault = vault
        self._hub = f"{hub.rstrip('/')}/subscribe"
        self._most = most
        self._news = asyncio.Event()

    async def make(self, owner: str | None, by: str, public_url: str, **wish: Any) -> str:
        """Its id. `wish`: `youtube_id`, `channel_id`, `niche` and `clips`. Raises `Reject` when there are too many."""
        if await self._pool.fetchval(statement("follows.sql", "count"), owner) >= self._most:
            raise Reject(f"you follow {self._most} channels already", advice="End one, or raise the limit")
        ident = f"yt_{secrets.token_hex(16)}"  # not to be guessed: whoever knows it may ask for its challenge
        sealed = self._vault.seal(secrets.token_urlsafe(32))
        callback = f"{public_url.rstrip('/')}/hooks/youtube/{ident}"
        chosen = (wish["youtube_id"], wish["channel_id"], wish["niche"], wish["clips"])
        await self._pool.execute(statement("follows.sql", "make"), ident, owner, by, *chosen, sealed, callback)
        self._news.set()
        return ident

    async def page(self, before: int | None, limit: int, owner: str | None) -> list[Row]:
        """A page of an owner's, or of everybody's, newest first."""
        return [dict(row) for row in await self._pool.fetch(statement("follows.sql", "page"), before, limit, owner)]

    async def one(self, ident: str, owner: str | None) -> Row | None:
        """One of an owner's, or of anybody's."""
        row = await self._pool.fetchrow(statement("follows.sql", "one"), ident, owner)
        return dict(row) if row else None

    async def known(self, ident: str) -> Row | None:
        """One that the hub tells of, ended or not."""
        row = await self._pool.fetchrow(statement("follows.sql", "any"), ident)
        return dict(row) if row else None

    def secret(self, row: Row) -> str:
        """What its notifications are signed with."""
        return self._vault.open(row["secret"])

    async def end(self, ident: str) -> None:
        """Follow no more; the hub is told."""
        await self._pool.execute(statement("follows.sql", "end"), ident)
        self._news.set()

    async def confirmed(self, ident: str, lease_s: float) -> None:
        """The hub will tell for so long."""
        await self._pool.execute(statement("follows.sql", "confirmed"), ident, lease_s)

    async def denied(self, ident: str, why: str) -> None:
        """The hub will not tell."""
        await self._pool.execute(statement("follows.sql", "failed"), ident, why)

    async def removed(self, ident: str) -> None:
        """The hub will tell no more."""
        await self._pool.execute(statement("follows.sql", "remove"), ident)

    async def heard(self, ident: str) -> None:
        """The hub told of a video."""
        await self._pool.execute(statement("follows.sql", "heard"), ident)

    async def run(self, client: httpx.AsyncClient) -> None:
        """Ask the hub for what is due, until it is cancelled. Several processes may: what is due is taken by one.

        `client`: guarded.
        """
        while True:
            self._news.clear()
            try:
                for row in await self._pool.fetch(statement("follows.sql", "due"), _AGAIN_S):
                    await self._ask(client, dict(row))
                await self._pool.execute(statement("follows.sql", "forget"))
            except (*DatabaseErrors, asyncpg.PostgresError) as error:
                log.warning("follows.failed", error=f"{type(error).__name__}: {error}")
            try:
                async with asyncio.timeout(_LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _ask(self, client: httpx.AsyncClient, row: Row) -> None:
        try:
            form = {
                "hub.mode": "unsubscribe" if row["ended"] else "subscribe",
                "hub.callback": row["callback"],
                "hub.topic": topic(row["youtube_id"]),
                "hub.verify": "async",
                "hub.secret": self.secret(row),
                "hub.lease_seconds": str(_LEASE_S),
            }
            async with asyncio.timeout(_PATIENCE_S):
                answer = await client.post(self._hub, data=form)
            said = answer.text.strip()[:200]
            failed = None if answer.is_success else f"the hub answered {answer.status_code}: {said}".rstrip(": ")
        except TimeoutError:
            failed = f"the hub did not answer within {_PATIENCE_S:g} s"
        except (httpx.HTTPError, ClipwireError) as error:
            failed = str(error) or type(error).__name__
        if failed is not None:
            log.warning("follow.failed", follow=row["follow_id"], why=failed)
            await self._pool.execute(statement("follows.sql", "failed"), row["follow_id"], failed)
