"""Keeps accounts open: renews their tokens ahead, and says at once which a person has to connect again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from actors.publisher.adapters.accounts.kept import Accounts
from actors.publisher.adapters.accounts.vault import Renewals
from actors.publisher.core.owners import owner_of
from actors.publisher.core.renewal import retry_after
from contracts.events import WorkFailed
from contracts.ids import event_id
from contracts.publishing import Account
from contracts.subjects import WORK_FAILED
from contracts.work import Failure
from runtime.bus import Bus, new_command
from runtime.errors import ClipwireError

__all__ = ["Keeper"]

log = structlog.get_logger(__name__)

NOTICE = timedelta(days=7)
"""Before the end of a login."""
_LOOK_S = 30.0
_AT_A_TIME = 3
"""From one look to the next, at most: another process may have found out something."""


class Keeper:
    """One of any number that share the work."""

    def __init__(self, accounts: Accounts, renewals: Renewals, bus: Bus) -> None:
        self._accounts = accounts
        self._renewals = renewals
        self._bus = bus
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at once."""
        self._woken.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            self._woken.clear()
            try:
                pause = await self.look()
            except ClipwireError as error:
                log.warning("accounts.not_kept", why=str(error), again_in_s=_LOOK_S)
                pause = _LOOK_S
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)

    async def look(self) -> float:
        """Renew what is due, say what has to be said; seconds until the next look. Raises `Unavailable`."""
        await self._say()
        while due := await self._due():
            await asyncio.gather(*(self._renew(*account) for account in due))
        await self._say()
        upcoming = await self._accounts.next_due()
        left = (upcoming - self._accounts.clock()).total_seconds() if upcoming is not None else _LOOK_S
        return min(_LOOK_S, max(0.5, left))

    async def _due(self) -> list[tuple[str, int]]:
        taken = [await self._accounts.take_due() for _ in range(_AT_A_TIME)]
        return [account for account in taken if account is not None]

    async def _renew(self, account_id: str, version: int) -> None:
        outcome = await self._renewals.renew(account_id, version)
        if outcome.outcome != "later":
            log.info("account.renewed" if outcome.outcome == "renewed" else f"account.{outcome.outcome}", id=account_id)
            return
        account, now = await self._accounts.get(account_id), self._accounts.clock()
        if account is not None and account.state == "ready":
            wait = max(retry_after(account.expires_at, now), timedelta(seconds=outcome.after or 0))
            await self._accounts.postpone(account_id, now + wait)
            log.warning("account.not_renewed", id=account_id, why=outcome.what, again_in_s=wait.total_seconds())

    async def _say(self) -> None:
        for account, version in await self._accounts.lost_unsaid():
            await self._tell(
                account,
                f"{account.title} ({account.account_id}) has to be connected again: {account.reason}",
                once=f"{version}|lost",
            )
            await self._accounts.say_lost(account.account_id, version)
        for account in await self._accounts.ending_unsaid(NOTICE):
            until = f"{account.login_until:%Y-%m-%d %H:%M} UTC"
            await self._tell(
                account, f"the login of {account.title} ({account.account_id}) ends on {until}", once=until
            )
            await self._accounts.say_ending(account)

    async def _tell(self, account: Account, what: str, *, once: str) -> None:
        ident = str(event_id(f"{account.account_id}|{once}", WORK_FAILED.name, account.account_id))
        failure = Failure(
            stage="publisher",
            subject="account",
            event_id=ident,
            entity=account.account_id,
            kind="rejected",
            what=what,
            advice=f"Connect it again: `clipwire account connect {account.platform}`, or in the browser at "
            f"/api/v1/accounts/{account.platform}/connect. Nothing is published on it before",
        )
        log.warning("account.needs_a_person", id=account.account_id, what=what)
        told, owner = WorkFailed(failure=failure), owner_of(account)
        await self._bus.publish(new_command(WORK_FAILED, told, source="publisher", id=ident, owner=owner))
