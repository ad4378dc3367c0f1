"""Connections under way: between a person's leaving for a platform and their coming back, once and in time."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from actors.publisher.adapters.accounts.database import SQL
from actors.publisher.adapters.accounts.kept import Accounts
from actors.publisher.ports import Asked
from contracts.asks import Connection, Refusal
from contracts.publishing import Account
from runtime.database import Connection as Transaction
from runtime.errors import Reject

__all__ = ["Connections", "Pending", "Started"]

LASTS = timedelta(minutes=10)
_REMEMBERED = timedelta(days=1)


def _sql(name: str) -> str:
    return SQL.statement("connections.sql", name)


@dataclass(frozen=True)
class Started:
    """What a connection begins with: a `state` (RFC 6749, 10.12) and a code verifier (RFC 7636, 4.1)."""

    state: str
    verifier: str

    @classmethod
    def anew(cls, browser: str | None = None) -> Started:
        """Random ones. `browser`: see `asks.Connect`."""
        state = secrets.token_urlsafe(32)
        return cls(f"{state}.{browser}" if browser else state, secrets.token_urlsafe(48))

    @property
    def connection(self) -> str:
        """The public name of the connection, from which nobody finds the state."""
        return name_of(self.state)


@dataclass(frozen=True)
class Pending:
    """What has to be known when the person comes back."""

    verifier: str
    redirect_uri: str
    given: Mapping[str, str]
    owner: str

    def secrets(self, asked: Sequence[Asked]) -> tuple[str, ...]:
        """What nobody may read: all but what was asked for and is no secret, such as an address or a name."""
        plain = {each.name for each in asked if not each.secret}
        return (self.verifier, *(value for name, value in self.given.items() if name not in plain))


def name_of(state: str) -> str:
    """The connection that a state belongs to."""
    return hashlib.sha256(state.encode()).hexdigest()


class Connections:
    """The table of connections; states are kept as hashes, everything else that is secret encrypted."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def begin(self, platform: str, started: Started, url: str, pending: Pending) -> Connection:
        """A person is sent to `url`."""
        now, name = self._accounts.clock(), started.connection
        secret = {
            "verifier": pending.verifier,
            "redirect_uri": pending.redirect_uri,
            "given": dict(pending.given),
            "owner": pending.owner,
        }
        expires = now + LASTS
        async with self._accounts.writing() as connection:
            await connection.execute(_sql("sweep"), now - _REMEMBERED)
            sealed = self._accounts.keys.seal(name, secret)
            await connection.execute(_sql("begin"), name, platform, sealed, expires)
        return Connection(state="open", connection=name, platform=platform, url=url, expires_at=expires)

    async def take(self, platform: str, state: str) -> Pending:
        """What was kept for this state, which is used up by that. Raises `Reject` for any other state."""
        name = name_of(state)
        async with self._accounts.database.transaction() as connection:
            row = await connection.fetchrow(_sql("take"), name, platform, self._accounts.clock())
            if row is None:
                raise Reject(
                    "this login was not begun here, was used already, or took longer than ten minutes",
                    advice=f"Begin it anew: `clipwire account connect {platform}`",
                    field="state",
                )
            await connection.execute(_sql("use"), name)
            return Pending(**self._accounts.keys.open(name, row["secret"]))

    async def done(self, platform: str, state: str, accounts: list[Account]) -> Connection:
        """These accounts are connected."""
        outcome = {"accounts": [account.model_dump(mode="json") for account in accounts]}
        return await self._settle(platform, state, outcome)

    async def failed(self, platform: str, state: str, refusal: Refusal) -> Connection:
        """It came to nothing."""
        return await self._settle(platform, state, {"refusal": refusal.model_dump(mode="json")})

    async def get(self, name: str) -> Connection:
        """How far it is. Raises `Reject` for one that nobody began."""
        async with self._accounts.database.transaction() as connection:
            row = await connection.fetchrow(_sql("one"), name)
        if row is None:
            raise Reject("there is no such connection", advice="Begin it anew", field="connection")
        state, outcome = "open", json.loads(row["outcome"]) if row["outcome"] else {}
        if "accounts" in outcome:
            state = "done"
        elif not outcome and row["expires_at"] <= self._accounts.clock():
            late = Refusal(kind="rejected", what="nobody came back from the platform within ten minutes")
            outcome = {"refusal": late.model_dump(mode="json")}
        return Connection.model_validate(
            {
                "state": "failed" if "refusal" in outcome else state,
                "connection": name,
                "platform": row["platform"],
                "expires_at": row["expires_at"],
                **outcome,
            }
        )

    async def encrypt_again(self, transaction: Transaction) -> None:
        """Those that somebody may come back to, under the newest key."""
        keys = self._accounts.keys
        for row in await transaction.fetch(_sql("under_way")):
            name = row["connection"]
            await transaction.execute(_sql("encrypt"), name, keys.seal(name, keys.open(name, row["secret"])))

    async def _settle(self, platform: str, state: str, outcome: Mapping[str, object]) -> Connection:
        name = name_of(state)
        async with self._accounts.database.transaction() as connection:
            await connection.execute(_sql("settle"), name, json.dumps(outcome))
        return await self.get(name)
