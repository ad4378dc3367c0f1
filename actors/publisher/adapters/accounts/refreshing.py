"""Renews the tokens of one account: `python -m actors.publisher.adapters.accounts.refreshing ACCOUNT VERSION`.

A process of its own, in a session of its own, so that it outlives the publisher: between the platform's answer, which
makes the old refresh token worthless, and the new one's place in the database nothing else can end it. It takes nothing
but names on its command line, reads the tokens itself, and says on its standard output what came of it, as JSON
without secrets; nobody has to be there to hear it. `refused`: the platform takes the access token no more.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import httpx
from pydantic import BaseModel

from actors.publisher.adapters.accounts.database import Database
from actors.publisher.adapters.accounts.kept import Accounts, Kept, LockedAccount
from actors.publisher.adapters.accounts.keys import KeyRing
from actors.publisher.adapters.accounts.left import LeftTokens
from actors.publisher.adapters.accounts.secrecy import without
from actors.publisher.adapters.http import HttpApi, open_client
from actors.publisher.adapters.platforms import hosts_set, open_platforms
from actors.publisher.core.masking import masked
from actors.publisher.ports import Platform, RevokedError, Tokens, secrets_of
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import now
from runtime.errors import ClipwireError, ConfigurationError, Reject, Retry
from runtime.media import open_media_store
from runtime.settings import RuntimeSettings
from runtime.telemetry import set_up_logs

__all__ = ["Outcome", "main"]

_ANSWER_S = 30.0
_MINUTE = timedelta(minutes=1)


class Outcome(BaseModel):
    """`renewed`; `known`: somebody else had done it; `kept`: nothing renews it, and it is good until it expires;
    `lost`: the platform said no, for good; `later`: not now."""

    outcome: Literal["renewed", "known", "kept", "lost", "later"]
    what: str = ""
    advice: str = ""
    after: float | None = None


@dataclass(frozen=True)
class Order:
    """Renew the tokens of this version, if they are still the account's."""

    account_id: str
    version: int
    refused: bool = False


def main(platforms: Mapping[str, Platform] | None = None) -> None:
    """See the module's docstring. `platforms`: others than those of the table."""
    account_id, version, *refused = sys.argv[1:]
    order = Order(account_id, int(version), refused=bool(refused))
    runtime, settings = RuntimeSettings(), PublisherSettings()
    set_up_logs(runtime, process="publisher-renewal")
    opened = platforms or open_platforms(settings, home=runtime.home, media=open_media_store(runtime.media_location))
    outcome = asyncio.run(_renewed(runtime, settings, opened, order))
    with suppress(BrokenPipeError):  # whoever waited for it is gone; it is stored
        os.write(sys.stdout.fileno(), outcome.model_dump_json().encode())


async def _renewed(
    runtime: RuntimeSettings, settings: PublisherSettings, platforms: Mapping[str, Platform], order: Order
) -> Outcome:
    if runtime.database_url is None:
        raise ConfigurationError("CLIPWIRE_DATABASE_URL is not set")
    database = Database(runtime.database_url)
    accounts = Accounts(database, KeyRing(settings, runtime.home), clock=now)
    try:
        async with open_client(settings.private_hosts | hosts_set()) as client:
            client.timeout = httpx.Timeout(_ANSWER_S, connect=10.0)
            return await Renewal(accounts, platforms, client).run(order)
    except Retry as error:
        return Outcome(outcome="later", what=error.what, advice=error.advice, after=error.after)
    except ClipwireError as error:
        return Outcome(outcome="later", what=error.what, advice=error.advice)
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(database.close(), 5)


class Renewal:
    """One renewal, under the lock of the account's row."""

    def __init__(self, accounts: Accounts, platforms: Mapping[str, Platform], client: httpx.AsyncClient) -> None:
        self._accounts = accounts
        self._platforms = platforms
        self._client = client
        self._left = LeftTokens(accounts.keys)

    async def run(self, order: Order) -> Outcome:
        """What came of it. Raises `Retry` where the platform or the database says nothing."""
        of = order.account_id, order.version
        fresh: Tokens | None = None
        try:
            async with self._accounts.locked(order.account_id) as row:
                if row is None or row.kept.version != order.version or row.kept.account.state != "ready":
                    self._left.forget(*of)
                    return Outcome(outcome="known")
                try:
                    fresh = self._left.find(*of) or await self._exchanged(row.kept)
                except RevokedError as error:
                    return await self._not_renewed(row, error, refused=order.refused)
                await row.renew(fresh)
        except BaseException:  # whatever it was, the platform takes only these from now on
            if fresh is not None:
                self._left.leave(*of, fresh)
            raise
        self._left.forget(*of)
        return Outcome(outcome="renewed")

    async def _exchanged(self, kept: Kept) -> Tokens:
        platform = self._platforms.get(kept.account.platform)
        if platform is None or platform.grant is None:
            raise Reject(f"this version knows no platform {kept.account.platform!r} with accounts")
        try:
            return await platform.grant.refresh(HttpApi(self._client, platform.name), kept.tokens)
        except ClipwireError as error:
            raise without(error, secrets_of(kept.tokens)) from None

    async def _not_renewed(self, row: LockedAccount, error: RevokedError, *, refused: bool) -> Outcome:
        """Tokens that nothing renews are good until they expire or are refused; all others are lost with what renews
        them."""
        kept, at = row.kept, self._accounts.clock()
        expires = kept.tokens.expires_at
        if kept.tokens.refresh is None and expires is not None and not refused and not kept.spent(at):
            await row.postpone(max(expires - _MINUTE, at + _MINUTE))
            return Outcome(outcome="kept")
        reason = masked(error.reason, secrets_of(kept.tokens))
        await row.lose(reason)
        return Outcome(outcome="lost", what=reason)


if __name__ == "__main__":
    main()
