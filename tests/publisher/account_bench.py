"""What tests of accounts share: a database, keys, an OAuth server, and renewals in processes of their own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from actors.publisher.adapters.accounts.answers import AccountAnswers
from actors.publisher.adapters.accounts.database import Database
from actors.publisher.adapters.accounts.kept import Accounts
from actors.publisher.adapters.accounts.keys import KeyRing
from actors.publisher.adapters.accounts.vault import AccountVault, Renewals, open_renewals
from actors.publisher.adapters.http import open_client
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import now
from contracts import asks
from contracts.publishing import Account
from tests.publisher.oauth_server import PASSWORD, OAuthServer
from tests.publisher.support import PRIVATE
from tests.publisher.tube import URL, platforms
from tests.support.forked import forks_of
from tests.support.forking import FORKS

__all__ = ["ALICE", "ROOT", "AccountBench", "account_bench", "environment"]

ROOT = Path(__file__).resolve().parents[2]
ALICE = "tube:alice"
_RENEWING = ("actors.publisher.adapters.accounts.refreshing", "tests.publisher.tube")
REDIRECT = "http://127.0.0.1:8000/api/v1/accounts/tube/callback"


def environment(database_url: str, home: Path, server: OAuthServer, **more: str) -> dict[str, str]:
    """For processes of their own."""
    own = {"CLIPWIRE_DATABASE_URL": database_url, "CLIPWIRE_HOME": str(home), URL: server.url, **PRIVATE}
    return {**os.environ, "PYTHONPATH": str(ROOT), FORKS: forks_of(*_RENEWING), **own, **more}


@dataclass
class AccountBench:
    """A publisher's accounts."""

    server: OAuthServer
    home: Path
    database_url: str
    settings: PublisherSettings
    accounts: Accounts
    renewals: Renewals
    client: httpx.AsyncClient

    @property
    def answers(self) -> AccountAnswers:
        return AccountAnswers(platforms(self.server.url), self.accounts, self.client)

    @property
    def vault(self) -> AccountVault:
        return AccountVault(self.accounts, self.renewals)

    def with_keys(self, **settings: Any) -> Accounts:
        """The same accounts, seen by a process with other settings for its keys."""
        keys = KeyRing(PublisherSettings(_env_file=None, **settings), self.home)
        return Accounts(self.accounts.database, keys, clock=now)

    async def consent(self, platform: str = "tube", owner: str = "operator") -> asks.Connection:
        return await self.answers.connect(asks.Connect(platform=platform, redirect_uri=REDIRECT, owner=owner))

    async def back(self, query: dict[str, str], platform: str = "tube") -> asks.Connection:
        return await self.answers.callback(asks.Callback.model_validate({"platform": platform, "query": query}))

    async def connected(self, owner: str = "operator") -> Account:
        """`tube:alice`, connected by way of the consent page."""
        begun = await self.consent(owner=owner)
        assert begun.url is not None
        done = await self.back(self.server.agree(begun.url))
        assert done.state == "done", done.refusal
        return done.accounts[0]

    async def planted(self, password: str = PASSWORD) -> asks.Connection:
        """`garden:…`, connected with a password."""
        given = {"handle": "alice", "password": password}
        return await self.answers.connect(
            asks.Connect.model_validate({"platform": "garden", "given": given, "redirect_uri": REDIRECT})
        )

    async def sql(self, statement: str) -> list[asyncpg.Record]:
        async with self.accounts.database.transaction() as connection:
            return list(await connection.fetch(statement))

    async def spend(self, *, left: timedelta = timedelta(0)) -> None:
        """So much is left of Alice's access token, which was renewed two hours ago."""
        async with self.accounts.locked(ALICE) as row:
            assert row is not None
            tokens = row.kept.tokens.model_copy(update={"expires_at": self.accounts.clock() + left})
        sealed = self.accounts.sealed(ALICE, tokens)
        async with self.accounts.writing() as connection:
            await connection.execute(
                "UPDATE publisher.accounts SET tokens = $1, renewed_at = now() - interval '2 h', due_at = now()", sealed
            )

    async def version(self, account_id: str = "tube:alice") -> int:
        kept = await self.accounts.opened(account_id)
        assert kept is not None
        return kept.version


@asynccontextmanager
async def account_bench(
    database_url: str, home: Path, server: OAuthServer, **settings: Any
) -> AsyncIterator[AccountBench]:
    """A bench on a running server."""
    home.mkdir(parents=True, exist_ok=True)
    own = PublisherSettings(_env_file=None, **settings)
    database = Database(database_url)
    renewing = partial(
        open_renewals, module="tests.publisher.renewing", environment=environment(database_url, home, server)
    )
    try:
        async with open_client({"127.0.0.1"}) as client, renewing() as renewals:
            accounts = Accounts(database, KeyRing(own, home), clock=now)
            yield AccountBench(server, home, database_url, own, accounts, renewals, client)
    finally:
        await database.close()
