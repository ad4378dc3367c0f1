"""Everything about accounts for as long as the publisher runs: the vault, its keeper, and answers for the doors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx

from actors.publisher.adapters.accounts.answers import AccountAnswers
from actors.publisher.adapters.accounts.database import Database
from actors.publisher.adapters.accounts.keeper import Keeper
from actors.publisher.adapters.accounts.kept import Accounts
from actors.publisher.adapters.accounts.keys import KeyRing
from actors.publisher.adapters.accounts.vault import AccountVault, Renewals, open_renewals
from actors.publisher.ports import Platform
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import now
from runtime.bus import Bus
from runtime.settings import RuntimeSettings
from runtime.tasks import end

__all__ = ["open_vault"]


@asynccontextmanager
async def open_vault(
    runtime: RuntimeSettings,
    settings: PublisherSettings,
    *,
    bus: Bus,
    platforms: Mapping[str, Platform],
    client: httpx.AsyncClient,
    renewing: Callable[[], AbstractAsyncContextManager[Renewals]] = open_renewals,
) -> AsyncIterator[AccountVault | None]:
    """The vault, kept and asked about; none where no database is set. `renewing`: what renews tokens."""
    if runtime.database_url is None:
        async with bus.answering(AccountAnswers(platforms, None, client).answers):
            yield None
        return
    database = Database(runtime.database_url)
    accounts = Accounts(database, KeyRing(settings, runtime.home), clock=now)
    try:
        async with (
            renewing() as renewals,
            bus.answering(AccountAnswers(platforms, accounts, client).answers),
            _kept(accounts, renewals, bus) as keeper,
        ):
            yield AccountVault(accounts, renewals, on_lost=keeper.wake)
    finally:
        await database.close()


@asynccontextmanager
async def _kept(accounts: Accounts, renewals: Renewals, bus: Bus) -> AsyncIterator[Keeper]:
    """A keeper at work. Where a bug ends it, it ends the process, which is started again."""
    keeper, whole = Keeper(accounts, renewals, bus), asyncio.current_task()
    keeping = asyncio.create_task(keeper.run())

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and whole is not None:
            whole.cancel()

    keeping.add_done_callback(ended)
    try:
        yield keeper
    except asyncio.CancelledError:
        if keeping.done():
            keeping.result()
        raise
    finally:
        keeping.remove_done_callback(ended)
        await end(keeping)
