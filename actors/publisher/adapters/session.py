"""An account in use: requests that carry its token, and a fresh one where the platform refuses it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx

from actors.publisher.adapters.accounts.secrecy import without
from actors.publisher.adapters.http import HttpApi
from actors.publisher.core.masking import masked
from actors.publisher.ports import Answer, Api, Call, LostError, Platform, Tokens, Vault, secrets_of
from contracts.publishing import Account
from runtime.errors import ClipwireError, Reject

__all__ = ["AccountSession", "OpenSessions", "Time"]

Report = Callable[[float], Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]
_UNAUTHORIZED = 401


@dataclass(frozen=True)
class Time:
    """What tells the time, and what waits."""

    clock: Callable[[], datetime]
    sleep: Sleep


class OpenSessions:
    """See `Sessions`. `vault`: none where no database is set; then only platforms without a grant can be used."""

    def __init__(
        self,
        vault: Vault | None,
        client: httpx.AsyncClient,
        *,
        clock: Callable[[], datetime],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._vault = vault
        self._client = client
        self._time = Time(clock, sleep)

    async def open(self, platform: Platform, account_id: str, report: Report) -> AccountSession:
        """See `Sessions.open`."""
        api = HttpApi(self._client, platform.name)
        if platform.grant is None:
            account = _anybody(platform, account_id)
            return AccountSession(self._vault, api, account, Tokens(access=""), time=self._time, report=report)
        if self._vault is None:
            raise Reject(
                "accounts cannot be used: no database is set",
                advice="Set CLIPWIRE_DATABASE_URL; `clipwire up` does it by itself",
            )
        known = await self.known(platform, account_id)
        if known is None:
            raise Reject(
                f"the account {account_id!r} is not connected",
                advice=f"Connect it: `clipwire account connect {platform.name}`; `clipwire account list` shows what is",
                field="account_id",
            )
        tokens = await self._vault.tokens(account_id)
        return AccountSession(self._vault, api, known, tokens, time=self._time, report=report)

    async def known(self, platform: Platform, account_id: str) -> Account | None:
        """See `Sessions.known`."""
        return await self._vault.account(account_id) if platform.grant and self._vault else None


def _anybody(platform: Platform, account_id: str) -> Account:
    """The account that any name is where nobody has to connect one."""
    since = datetime.fromtimestamp(0, UTC)
    return Account(account_id=account_id, platform=platform.name, title=account_id, connected_at=since)


class AccountSession:
    """See `Session`."""

    def __init__(
        self,
        vault: Vault | None,
        api: Api,
        account: Account,
        tokens: Tokens,
        *,
        time: Time,
        report: Report,
    ) -> None:
        self._vault = vault
        self._api = api
        self.account = account
        self.tokens = tokens
        self._time = time
        self._report = report

    @property
    def now(self) -> datetime:
        """See `Session.now`."""
        return self._time.clock()

    async def pause(self, seconds: float) -> None:
        """See `Session.pause`."""
        await self._time.sleep(seconds)

    async def progress(self, done: float) -> None:
        """See `Session.progress`."""
        await self._report(done)

    async def send(self, call: Call) -> Answer:
        """See `Api.send`."""
        return await self._authorized(call, self._api.send)

    async def ask(self, call: Call) -> Answer:
        """See `Api.ask`."""
        return await self._authorized(call, self._api.ask)

    async def make(self, call: Call) -> Answer:
        """See `Api.make`."""
        return await self._authorized(call, self._api.make)

    async def renew(self) -> None:
        """See `Session.renew`."""
        if self._vault is not None:
            self.tokens = await self._vault.renewed(self.account.account_id, self.tokens)

    async def _authorized(self, call: Call, send: Callable[[Call], Awaitable[Answer]]) -> Answer:
        used = self.tokens
        answer = await _quietly(send, call, used)
        if answer.status != _UNAUTHORIZED or not call.authorize or self._vault is None:
            return answer
        # A refused request was not carried out, so that it may be sent again, whatever it is.
        self.tokens = await self._vault.renewed(self.account.account_id, used)
        return await _quietly(send, call, self.tokens)


async def _quietly(send: Callable[[Call], Awaitable[Answer]], call: Call, tokens: Tokens) -> Answer:
    """Send it with its token; an error that quotes what the platform said has none of it."""
    try:
        return await send(_with_token(call, tokens))
    except LostError as error:
        raise LostError(masked(str(error), secrets_of(tokens))) from None
    except ClipwireError as error:
        raise without(error, secrets_of(tokens)) from None


def _with_token(call: Call, tokens: Tokens) -> Call:
    if not call.authorize:
        return call
    return replace(call, headers={**call.headers, "Authorization": f"Bearer {tokens.access}"})
