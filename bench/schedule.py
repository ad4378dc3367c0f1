"""200 publications to ten accounts, placed by four processes at once that are killed again and again."""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.pipeline import percentile
from bench.placing import ACCOUNT, NOW, PROJECT, PUBLICATIONS, REQUESTS, SCHEDULE
from contracts.publishing import WEEK
from runtime.bus import open_bus
from runtime.embed import NatsServer

WORKERS = 4
KILLS = 5  # of each worker


class Told:
    """What the workers were told, and how long they waited for it. `first`: the place was new, so it was written."""

    def __init__(self) -> None:
        self.places: dict[str, datetime] = {}
        self.first: list[float] = []
        self.again: list[float] = []

    def hear(self, line: str) -> None:
        """One line of a worker."""
        ident, at, took = line.split()
        (self.again if ident in self.places else self.first).append(float(took))
        if self.places.setdefault(ident, datetime.fromisoformat(at)) != datetime.fromisoformat(at):
            raise SystemExit(f"bench: {ident} was told two places")


async def worker(url: str, number: int, told: Told) -> None:
    """One that is started again after every kill, until it lives to the end."""
    chance = random.Random(number)
    for life in range(KILLS + 1):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.placing", url, str(100 * number + life)), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        lines = chance.randint(1, 40) if life < KILLS else PUBLICATIONS + 1
        async for line in process.stdout:
            lines -= 1
            if lines == 0:
                process.kill()
                break
            told.hear(line.decode())
        if await process.wait() > 0:
            raise SystemExit("bench: a worker failed")


def check(places: Mapping[str, datetime]) -> None:
    """Every rule of the schedule and every quota, looked for in the plainest way."""
    zone = ZoneInfo(SCHEDULE.timezone)
    california = Counter(at.astimezone(ZoneInfo(PROJECT.zone or "UTC")).date() for at in places.values())
    kept = len(places) == PUBLICATIONS and max(california.values()) <= PROJECT.most
    for account in {request.account_id for request in REQUESTS.values()}:
        moments = sorted(at for ident, at in places.items() if REQUESTS[ident].account_id == account)
        local = [at.astimezone(zone) for at in moments]
        kept &= all(later - earlier >= SCHEDULE.gap for earlier, later in pairwise(moments))
        kept &= all(WEEK[at.weekday()] in SCHEDULE.days and not 12 <= at.hour < 14 for at in local)
        kept &= max(Counter(at.date() for at in local).values()) <= SCHEDULE.per_day
        day = timedelta(hours=24)
        kept &= all(sum(begin <= at < begin + day for at in moments) <= ACCOUNT.most for begin in moments)
    if not kept:
        raise SystemExit("bench: a quota, a gap or a day was not kept")


async def main() -> dict[str, float]:
    """Place all, check every rule, print the times of one placement."""
    told = Told()
    with tempfile.TemporaryDirectory() as folder:
        server = NatsServer(Path(folder) / "nats", sync="always")
        await server.start()
        try:
            async with open_bus(server.url, name="bench"):
                await asyncio.gather(*(worker(server.url, number, told) for number in range(WORKERS)))
        finally:
            await server.stop()
    check(told.places)
    last = max(told.places.values())
    print(
        f"{len(told.places)} publications placed until {(last - NOW).days} days ahead, {WORKERS} processes, "
        f"{WORKERS * KILLS} kills: every quota, gap, quiet hour and day kept, no place told twice"
    )
    figures = {}
    for name, took in (("new place", told.first), ("place asked for again", told.again)):
        figures[name], p99 = statistics.median(took), percentile(took, 0.99)
        print(
            f"{name:<22} p50 {figures[name]:6.1f} ms, p99 {p99:6.1f} ms, worst {max(took):6.1f} ms  ({len(took)} times)"
        )
    return figures


if __name__ == "__main__":
    asyncio.run(main())
