"""The table of accounts: what people may see in clear, the tokens encrypted under the account's own name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actors.publisher.adapters.accounts.database import SQL, Database
from actors.publisher.adapters.accounts.keys import KeyRing
from actors.publisher.adapters.accounts.left import LeftTokens
from actors.publisher.core.renewal import login_until, renewal_due, spent
from actors.publisher.ports import Owner, Tokens
from actors.publisher.store import Clock
from contracts.publishing import Account
from runtime.database import Connection
from runtime.errors import Unavailable
from runtime.jitter import jitter

__all__ = ["Accounts", "Kept", "LockedAccount"]

_LEASE = timedelta(minutes=3)
"""For which one keeper has an account to itself; longer than a renewal takes."""


def _sql(name: str) -> str:
    return SQL.statement("accounts.sql", name)


@dataclass(frozen=True)
class Kept:
    """An account with its tokens. `version` grows with every change of them."""

    account: Account
    tokens: Tokens
    version: int
    renewed_at: datetime

    def spent(self, now: datetime) -> bool:
        """Whether the tokens are not good for some minutes any more."""
        return spent(self.renewed_at, self.tokens.expires_at, now)


class Accounts:
    """Every method may raise `Unavailable`: the database is away, or the key is not the right one."""

    def __init__(self, database: Database, keys: KeyRing, *, clock: Clock) -> None:
        self.database = database
        self.keys = keys
        self.clock = clock

    async def get(self, account_id: str) -> Account | None:
        """What is known of an account."""
        async with self.database.transaction() as connection:
            row = await connection.fetchrow(_sql("one"), account_id)
        return None if row is None else _account(row)

    async def opened(self, account_id: str) -> Kept | None:
        """An account with its tokens."""
        row = await self._row(account_id)
        try:
            return None if row is None else self._kept(row)
        except Unavailable:
            # Between reading the row and the key another process may have rotated keys: then the row is another, too.
            row = await self._row(account_id)
            return None if row is None else self._kept(row)

    async def every(self) -> list[Account]:
        """All accounts, by name."""
        async with self.database.transaction() as connection:
            return [_account(row) for row in await connection.fetch(_sql("all"))]

    async def connect(self, platform: str, person: str, owners: Sequence[Owner]) -> list[Account]:
        """Keep accounts with new tokens, all or none; those that are there are connected again."""
        async with self.writing() as connection:
            return [await self._connect(connection, platform, person, owner) for owner in owners]

    async def remove(self, account_id: str) -> None:
        """Forget an account."""
        async with self.database.transaction() as connection:
            await connection.execute(_sql("remove"), account_id)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A transaction in which secrets are encrypted, with a key that opens what is there already."""
        if not self.keys.there:
            async with self.locked_whole():
                pass  # of several processes one makes the key
        async with self.database.transaction() as connection:
            await connection.execute(_sql("write_lock"))
            await self._check_key(connection)
            yield connection

    @asynccontextmanager
    async def locked_whole(self) -> AsyncIterator[Connection]:
        """A transaction in which nobody else encrypts anything; the key is there, and the right one."""
        async with self.database.transaction() as connection:
            await connection.execute(_sql("rotate_lock"))
            if not await self._check_key(connection) and not self.keys.there:
                self.keys.make()
            yield connection

    @asynccontextmanager
    async def locked(self, account_id: str) -> AsyncIterator[LockedAccount | None]:
        """An account that no other process changes for as long as the block lasts; none if there is none."""
        async with self.database.transaction() as connection:
            row = await connection.fetchrow(_sql("lock_one"), account_id)
            yield None if row is None else LockedAccount(self, connection, self._kept(row))

    async def take_due(self) -> tuple[str, int] | None:
        """An account that is due to be renewed, and the version of its tokens; each goes to one who asks."""
        now = self.clock()
        async with self.database.transaction() as connection:
            row = await connection.fetchrow(_sql("take_due"), now, now + _LEASE)
        return None if row is None else (row["account_id"], row["version"])

    async def next_due(self) -> datetime | None:
        """When the next account is due."""
        async with self.database.transaction() as connection:
            due: datetime | None = await connection.fetchval(_sql("next_due"))
        return due

    async def postpone(self, account_id: str, due: datetime) -> None:
        """Look after it at that time."""
        async with self.database.transaction() as connection:
            await connection.execute(_sql("postpone"), account_id, due)

    async def lost_unsaid(self) -> list[tuple[Account, int]]:
        """Accounts that have to be connected again, of which nobody was told, with the version of their tokens."""
        async with self.database.transaction() as connection:
            return [(_account(row), row["version"]) for row in await connection.fetch(_sql("lost_unsaid"))]

    async def say_lost(self, account_id: str, version: int) -> None:
        """People were told."""
        async with self.database.transaction() as connection:
            await connection.execute(_sql("say_lost"), account_id, version)

    async def ending_unsaid(self, within: timedelta) -> list[Account]:
        """Accounts whose login ends so soon, of which nobody was told."""
        async with self.database.transaction() as connection:
            return [_account(row) for row in await connection.fetch(_sql("ending_unsaid"), self.clock() + within)]

    async def say_ending(self, account: Account) -> None:
        """People were told."""
        async with self.database.transaction() as connection:
            await connection.execute(_sql("say_ending"), account.account_id, account.login_until)

    async def encrypt_again(self, connection: Connection) -> int:
        """Every account under the newest key; how many there are."""
        rows, left = await connection.fetch(_sql("all")), LeftTokens(self.keys)
        for row in rows:
            name = row["account_id"]
            await connection.execute(_sql("encrypt"), name, self.keys.seal(name, self.keys.open(name, row["tokens"])))
            await asyncio.to_thread(left.encrypt_again, name, row["version"])
        return len(rows)

    async def _check_key(self, connection: Connection) -> bool:
        """Whether there is anything encrypted. Raises `Unavailable` where the key does not open it."""
        sample = await connection.fetchrow(_sql("sample"))
        if sample is not None:
            self.keys.open(sample["account_id"], sample["tokens"])
        return sample is not None

    async def _row(self, account_id: str) -> Any:
        async with self.database.transaction() as connection:
            return await connection.fetchrow(_sql("one"), account_id)

    def _kept(self, row: Any) -> Kept:
        account = _account(row)
        tokens = Tokens.model_validate(self.keys.open(account.account_id, row["tokens"]))
        return Kept(account, tokens, row["version"], row["renewed_at"])

    async def _connect(self, connection: Connection, platform: str, person: str, owner: Owner) -> Account:
        now, tokens, name = self.clock(), owner.tokens, f"{platform}:{owner.name}"
        row = await connection.fetchrow(
            _sql("connect"),
            name,
            platform,
            owner.title,
            person,
            list(tokens.scopes),
            json.dumps(dict(owner.details)),
            self.sealed(name, tokens),
            now,
            *_dates(tokens, now),
        )
        return _account(row)

    def sealed(self, account_id: str, tokens: Tokens) -> bytes:
        """Tokens, encrypted under the account's name."""
        return self.keys.seal(account_id, tokens.model_dump(mode="json"))


class LockedAccount:
    """An account whose row is locked; what is written is there when the block ends."""

    def __init__(self, accounts: Accounts, connection: Connection, kept: Kept) -> None:
        self._accounts = accounts
        self._connection = connection
        self.kept = kept

    async def renew(self, tokens: Tokens) -> None:
        """Keep fresh tokens."""
        now, name = self._accounts.clock(), self.kept.account.account_id
        await self._connection.execute(
            _sql("renew"), name, self._accounts.sealed(name, tokens), list(tokens.scopes), now, *_dates(tokens, now)
        )

    async def lose(self, reason: str) -> None:
        """The platform takes its tokens no more: a person has to connect it again."""
        await self._connection.execute(_sql("lose"), self.kept.account.account_id, reason)

    async def postpone(self, due: datetime) -> None:
        """Look after it at that time."""
        await self._connection.execute(_sql("postpone"), self.kept.account.account_id, due)


def _dates(tokens: Tokens, now: datetime) -> tuple[datetime | None, datetime | None, datetime | None]:
    """When they expire, until when the login lasts, and when they are renewed."""
    due = renewal_due(now, tokens.expires_at, jitter=jitter())
    return tokens.expires_at, login_until(tokens.refresh, tokens.expires_at, tokens.refresh_expires_at), due


def _account(row: Any) -> Account:
    return Account(
        account_id=row["account_id"],
        platform=row["platform"],
        title=row["title"],
        state=row["state"],
        reason=row["reason"],
        owner=row["owner"],
        scopes=tuple(row["scopes"]),
        details=json.loads(row["details"]),
        connected_at=row["connected_at"],
        expires_at=row["expires_at"],
        login_until=row["login_until"],
    )
