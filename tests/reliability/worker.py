"""One publisher process for the trial: the real actor, its platforms at the stand-ins that the environment names."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from actors.publisher.actor import build
from actors.publisher.adapters.desk import Desk
from actors.publisher.adapters.http import open_client
from actors.publisher.adapters.session import OpenSessions
from actors.publisher.adapters.timers import NatsTimers
from actors.publisher.core.limits import Limits
from actors.publisher.ports import Place, Planned, Tokens
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import now
from contracts.events import PublishRequested
from contracts.publishing import Account
from contracts.work import Channel
from runtime.actor import Actor
from runtime.serve import Resources, serve
from runtime.timers import Timers
from tests.publisher.platforms.cases import CASES
from tests.publisher.platforms.kit import Case, placed

__all__ = ["HURRY", "SERVERS", "SLOWEST_S"]

SERVERS = "TRIAL_SERVERS"
HURRY = 0.02
"""A platform that asks to be polled after ten seconds is polled after 0.2 s."""
SLOWEST_S = 20.0
"""What does not answer is asked again after so long at most; else the last ones would wait for ten minutes each."""


class KnownAccounts:
    """See `Vault`: any name is an account of the trial's platforms, with the token that their stand-ins take."""

    def __init__(self, cases: dict[str, tuple[Case, str]]) -> None:
        self._cases = cases

    async def account(self, account_id: str) -> Account | None:
        platform = account_id.partition(":")[0]
        since = datetime(2025, 1, 1, tzinfo=UTC)
        case, url = self._cases[platform]
        details = placed(case.details, url)
        return Account(account_id=account_id, platform=platform, title="Me", details=details, connected_at=since)

    async def tokens(self, account_id: str) -> Tokens:
        case, url = self._cases[account_id.partition(":")[0]]
        return case.tokens.model_copy(update={"more": placed(case.tokens.more, url)})

    async def renewed(self, account_id: str, stale: Tokens) -> Tokens:
        return stale


class AtOnce:
    """See `Calendar`: no quotas, which have tests of their own and would make the trial last for days."""

    async def place(self, request: PublishRequested, channel: Channel, limits: Limits, account: Account) -> Place:
        return Place(at=now(), ready=True)

    async def move(self, request: PublishRequested, at: datetime) -> None:
        """Nothing is kept."""

    async def release(self, request: PublishRequested) -> None:
        """Nothing is kept."""

    async def planned(self, account_id: str) -> list[Planned]:
        return []


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    settings = PublisherSettings(publisher_quarantine_s=3.0, publisher_patience_s=60.0)
    servers: dict[str, str] = json.loads(os.environ[SERVERS])
    cases = {CASES[name].open(url).name: (CASES[name], url) for name, url in servers.items()}
    platforms = {(place := CASES[name].open(url)).name: place for name, url in servers.items()}
    async with open_client(settings.private_hosts) as client:
        yield build(
            Desk(
                settings=settings,
                media=resources.media,
                claims=resources.claims,
                channels=resources.channels,
                platforms=platforms,
                sessions=OpenSessions(KnownAccounts(cases), client, clock=now, sleep=_hurried),
                calendar=AtOnce(),
                timers=NatsTimers(Timers(resources.bus)),
                slowest=SLOWEST_S,
            )
        )


async def _hurried(seconds: float) -> None:
    await asyncio.sleep(seconds * HURRY)


if __name__ == "__main__":
    serve(compose)
