"""A worker of the schedule benchmark: `python -m bench.placing NATS_URL SEED`.

Asks for the place of every publication, in an order of its own, and says what it was told, a line each: the
publication, when, and how many milliseconds that took.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock

from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.core.limits import Limits, Quota, Text
from contracts.events import PublishRequested
from contracts.publishing import Account, Schedule, Span
from contracts.work import Channel
from runtime.bus import connect
from runtime.kv import NatsClaims

PUBLICATIONS = 200
ACCOUNTS = 10
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PROJECT = Quota(45, scope="project", zone="America/Los_Angeles")
ACCOUNT = Quota(5, window=timedelta(hours=24))
LIMITS = Limits("benchmark", Text(100), quotas=(ACCOUNT, PROJECT))
SCHEDULE = Schedule(
    timezone="Europe/Berlin",
    days=("mon", "tue", "thu", "fri", "sat"),
    per_day=6,
    quiet=(Span(start=clock(12), end=clock(14)),),
    gap_min=90,
)
REQUESTS = {
    request.publication_id: request
    for request in (
        PublishRequested(render_id=f"r_{n:020x}", account_id=f"bench:a{n % ACCOUNTS}") for n in range(PUBLICATIONS)
    )
}


async def main(url: str, seed: int) -> None:
    """Ask for all of them."""
    client = await connect(url, name="bench")
    calendar = LedgerCalendar(NatsClaims(client.jetstream()), clock=lambda: NOW, grace=120)
    requests = list(REQUESTS.values())
    random.Random(seed).shuffle(requests)
    for request in requests:
        account = Account(account_id=request.account_id, platform="bench", title="", connected_at=NOW)
        began = time.perf_counter()
        place = await calendar.place(request, Channel(schedule=SCHEDULE), LIMITS, account)
        took = 1000 * (time.perf_counter() - began)
        sys.stdout.write(f"{request.publication_id} {place.at.isoformat()} {took:.3f}\n")
        sys.stdout.flush()
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
