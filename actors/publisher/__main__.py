"""Runs the publisher: `python -m actors.publisher`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.publisher.actor import build
from actors.publisher.adapters.accounts.desk import open_vault
from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.adapters.desk import Desk
from actors.publisher.adapters.http import open_client
from actors.publisher.adapters.platforms import hosts_set, open_platforms
from actors.publisher.adapters.rehearsal import Rehearsal
from actors.publisher.adapters.session import OpenSessions
from actors.publisher.adapters.timers import NatsTimers
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import now
from runtime.actor import Actor
from runtime.serve import Resources, serve
from runtime.timers import Timers


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """Settings to resources to the actor."""
    settings = PublisherSettings()
    platforms = open_platforms(settings, home=resources.settings.home, media=resources.media)
    async with (
        open_client(settings.private_hosts | hosts_set()) as client,
        open_vault(resources.settings, settings, bus=resources.bus, platforms=platforms, client=client) as vault,
    ):
        sessions = OpenSessions(vault, client, clock=now)
        calendar = LedgerCalendar(resources.claims, clock=now, grace=settings.publisher_grace_s)
        desk = Desk(
            settings=settings,
            media=resources.media,
            claims=resources.claims,
            channels=resources.channels,
            platforms=platforms,
            sessions=sessions,
            calendar=calendar,
            timers=NatsTimers(Timers(resources.bus)),
        )
        rehearsal = Rehearsal(
            platforms,
            sessions,
            media=resources.media,
            claims=resources.claims,
            channels=resources.channels,
            calendar=calendar,
        )
        async with resources.bus.answering(rehearsal.answers):
            yield build(desk)


if __name__ == "__main__":
    serve(compose)
