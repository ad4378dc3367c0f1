"""The publisher with the platforms of the tests of accounts: `python -m tests.publisher.account_publisher`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from actors.publisher.actor import build
from actors.publisher.adapters.accounts.desk import open_vault
from actors.publisher.adapters.accounts.vault import open_renewals
from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.adapters.desk import Desk
from actors.publisher.adapters.http import open_client
from actors.publisher.adapters.rehearsal import Rehearsal
from actors.publisher.adapters.session import OpenSessions
from actors.publisher.adapters.timers import NatsTimers
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import now
from runtime.actor import Actor
from runtime.serve import Resources, serve
from runtime.timers import Timers
from tests.publisher.tube import platforms


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    settings, known = PublisherSettings(), platforms()
    renewing = partial(open_renewals, module="tests.publisher.renewing")
    async with (
        open_client(settings.private_hosts) as client,
        open_vault(
            resources.settings, settings, bus=resources.bus, platforms=known, client=client, renewing=renewing
        ) as vault,
    ):
        desk = Desk(
            settings=settings,
            media=resources.media,
            claims=resources.claims,
            channels=resources.channels,
            platforms=known,
            sessions=OpenSessions(vault, client, clock=now),
            calendar=LedgerCalendar(resources.claims, clock=now, grace=settings.publisher_grace_s),
            timers=NatsTimers(Timers(resources.bus)),
        )
        rehearsal = Rehearsal(
            known,
            desk.sessions,
            media=desk.media,
            claims=desk.claims,
            channels=desk.channels,
            calendar=desk.calendar,
        )
        async with resources.bus.answering(rehearsal.answers):
            yield build(desk)


if __name__ == "__main__":
    serve(compose)
