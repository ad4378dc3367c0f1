"""Accounts in use: their tokens, renewed by processes that outlive this one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from pydantic import ValidationError

from actors.publisher.adapters.accounts.kept import Accounts, Kept
from actors.publisher.adapters.accounts.refreshing import Outcome
from actors.publisher.ports import Tokens
from contracts.publishing import Account
from runtime.errors import Reject, Unavailable

__all__ = ["AccountVault", "Renewals", "open_renewals"]

_MODULE = "actors.publisher.adapters.accounts.refreshing"
_AT_A_TIME = 8


class Renewals:
    """Renews accounts in processes of their own, each account in one at a time.

    `module`: what they run. `environment`: theirs; none: that of this process.
    """

    def __init__(
        self, threads: ThreadPoolExecutor, *, module: str = _MODULE, environment: Mapping[str, str] | None = None
    ) -> None:
        self._threads = threads
        self._command = [sys.executable, "-m", module]
        self._environment = environment
        self._under_way: dict[tuple[str, int, bool], asyncio.Future[Outcome]] = {}

    async def renew(self, account_id: str, version: int, *, refused: bool = False) -> Outcome:
        """What came of it; whoever is cancelled while it waits leaves it to go on."""
        key = account_id, version, refused
        waiting = self._under_way.get(key)
        if waiting is None:
            arguments = [account_id, str(version), *(["refused"] if refused else [])]
            loop = asyncio.get_running_loop()
            waiting = loop.run_in_executor(self._threads, self._run, arguments)
            self._under_way[key] = waiting
            waiting.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(waiting)

    def _run(self, arguments: list[str]) -> Outcome:
        # Not by asyncio: its transports kill their child when this process ends in an orderly way.
        child = subprocess.Popen(
            [*self._command, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        told, _ = child.communicate()
        try:
            return Outcome.model_validate_json(told)
        except ValidationError:
            what = f"the process that renews {arguments[0]} ended with exit code {child.returncode}"
            return Outcome(outcome="later", what=what, advice="Its log says why; it is tried again")


@asynccontextmanager
async def open_renewals(
    *, module: str = _MODULE, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Renewals]:
    """Renewals; at the end those under way may finish, for as long as this process is let live."""
    threads = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="renewal")
    try:
        yield Renewals(threads, module=module, environment=environment)
    finally:
        await asyncio.to_thread(threads.shutdown, wait=True)


class AccountVault:
    """See `Vault`. `on_lost`: called when an account turned out to be lost."""

    def __init__(self, accounts: Accounts, renewals: Renewals, *, on_lost: Callable[[], None] = lambda: None) -> None:
        self._accounts = accounts
        self._renewals = renewals
        self._on_lost = on_lost

    async def account(self, account_id: str) -> Account | None:
        """See `Vault.account`."""
        return await self._accounts.get(account_id)

    async def tokens(self, account_id: str) -> Tokens:
        """See `Vault.tokens`. What is still valid is used where it cannot be renewed just now."""
        kept = await self._ready(account_id)
        now = self._accounts.clock()
        if not kept.spent(now):
            return kept.tokens
        try:
            return await self._renewed(kept)
        except Unavailable:
            if kept.tokens.expires_at is None or kept.tokens.expires_at <= now:
                raise
            return kept.tokens

    async def renewed(self, account_id: str, stale: Tokens) -> Tokens:
        """See `Vault.renewed`."""
        kept = await self._ready(account_id)
        if kept.tokens.access != stale.access:
            return kept.tokens
        return await self._renewed(kept, refused=True)

    async def _renewed(self, kept: Kept, *, refused: bool = False) -> Tokens:
        account_id = kept.account.account_id
        outcome = await self._renewals.renew(account_id, kept.version, refused=refused)
        if outcome.outcome == "later":
            raise Unavailable(outcome.what, after=outcome.after, advice=outcome.advice)
        if outcome.outcome == "lost":
            self._on_lost()
        return (await self._ready(account_id)).tokens

    async def _ready(self, account_id: str) -> Kept:
        kept = await self._accounts.opened(account_id)
        if kept is None:
            raise Reject(
                f"the account {account_id!r} is not connected",
                advice="`clipwire account list` shows what is",
                field="account_id",
            )
        if kept.account.state != "ready":
            raise Reject(
                f"the account {account_id!r} has to be connected again: {kept.account.reason}",
                advice=f"Connect it again: `clipwire account connect {kept.account.platform}`",
                field="account_id",
            )
        return kept
