"""100,000 events replayed into PostgreSQL, against the projector with a transaction for every event."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from contracts.events import CandidateFound, CandidateRanked, CandidateRejected
from contracts.media import Candidate
from contracts.subjects import CANDIDATE_FOUND, CANDIDATE_RANKED, CANDIDATE_REJECTED
from gateway.projection.database import migrate, open_pool, reset
from gateway.projection.projector import Projector
from runtime.bus import Bus, new_command, open_bus
from runtime.embed import NatsServer, PostgresServer
from runtime.tasks import end

EVENTS = 99_999
ONE_BY_ONE = 3_000


async def fill(bus: Bus) -> None:
    """A third each of found, ranked and rejected: the events that a scan brings most of."""
    gate = asyncio.Semaphore(256)

    async def send(n: int) -> None:
        candidate = Candidate(candidate_id=f"web:{n}", url=f"https://example.org/{n}", title=f"Video {n}", source="web")
        about = {"candidate": candidate, "niche": "bench", "scan_id": "bench"}
        async with gate:
            await bus.publish(new_command(CANDIDATE_FOUND, CandidateFound(**about), source="bench"))
            ranked = CandidateRanked(**about, score=0.5, parts=(), method="bench/1")
            await bus.publish(new_command(CANDIDATE_RANKED, ranked, source="bench"))
            rejected = CandidateRejected(candidate_id=candidate.candidate_id, rejected_by="bench")
            await bus.publish(new_command(CANDIDATE_REJECTED, rejected, source="bench"))

    for start in range(0, EVENTS // 3, 5000):
        await asyncio.gather(*(send(n) for n in range(start, min(start + 5000, EVENTS // 3))))


async def main() -> dict[str, float]:
    """Run both, print their rates, return the figures."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        nats, postgres = NatsServer(Path(folder) / "nats", sync="2m"), PostgresServer(Path(folder) / "pg")
        await nats.start()
        await postgres.start()
        try:
            async with open_bus(nats.url, name="bench") as bus, open_pool(postgres.url) as pool:
                await migrate(pool)
                await fill(bus)
                began = time.perf_counter()
                reached = await Projector(pool, bus).catch_up()
                took = time.perf_counter() - began
                rate = reached / took
                await reset(pool)
                single = await _one_by_one(Projector(pool, bus, batch=1))
        finally:
            await postgres.stop()
            await nats.stop()
    peer = f"{rate / single:.1f} x one transaction per event"
    print(f"{reached} events replayed in {took:.1f} s: {rate:.0f} events/s, {peer}")
    return {"seconds": took, "rate": rate, "ratio": rate / single}


async def _one_by_one(projector: Projector) -> float:
    """Events a second with a transaction each, from the first `ONE_BY_ONE` of them."""
    began = time.perf_counter()
    task = asyncio.create_task(projector.catch_up())
    done = 0
    while done < ONE_BY_ONE:
        await asyncio.sleep(0.05)
        done = await projector.pool.fetchval("SELECT count(*) FROM gateway.events")
    rate = done / (time.perf_counter() - began)
    await end(task)
    return rate


if __name__ == "__main__":
    asyncio.run(main())
