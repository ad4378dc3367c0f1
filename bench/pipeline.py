"""A three-stage pipeline of empty actors: ours against Celery on Redis, in one run, in turn."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from contracts.events import DiscoveryRequested
from contracts.subjects import DISCOVERY_REQUESTED
from runtime.bus import Bus, new_command, open_bus
from runtime.embed import NatsServer, free_port
from runtime.supervisor import Child, Supervisor

EVENTS = 2000
ROUNDS = 3
RATE = 100
LATENCY_S = 10
FEEDERS = 8  # how many events are being handed over at a time, on either side
STAGES = ("one", "two", "three")


@asynccontextmanager
async def ours(sync: str) -> AsyncIterator[Bus]:
    """Three processes of ours on a NATS server with this `sync_interval`."""
    with tempfile.TemporaryDirectory() as folder:
        server = NatsServer(Path(folder) / "nats", sync=sync)
        await server.start()
        environment = {
            **os.environ,
            "CLIPWIRE_NATS_URL": server.url,
            "CLIPWIRE_HOME": folder,
            "CLIPWIRE_LOG_LEVEL": "warning",
        }
        children = [Child("bench.stages", environment, arguments=(stage,)) for stage in STAGES]
        supervisor = Supervisor(children)
        try:
            async with open_bus(server.url, name="bench") as bus:
                supervisor.start()
                while sum(state.bound for state in await bus.consumers()) < len(STAGES):
                    await asyncio.sleep(0.1)
                yield bus
        finally:
            await supervisor.stop(5)
            await server.stop()


async def rate_of_ours(bus: Bus, round_: int) -> float:
    """Events a second from the first publish to the last outcome."""
    after = (await bus.stream_state()).last
    began = time.perf_counter()
    gate = asyncio.Semaphore(FEEDERS)

    async def send(n: int) -> None:
        async with gate:
            await bus.publish(
                new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche=str(round_ * EVENTS + n)), source="bench")
            )

    sending = asyncio.gather(*(send(n) for n in range(EVENTS)))
    count = 0
    async for batch in bus.read(after=after, subjects=["media.purged"]):
        count += len(batch)
        if count >= EVENTS:
            break
    took = time.perf_counter() - began
    await sending
    return EVENTS / took


async def latency_of_ours(bus: Bus) -> list[float]:
    """Milliseconds from publish to the outcome being read, at `RATE` events a second."""
    sent: dict[str, float] = {}
    latencies: list[float] = []
    after = (await bus.stream_state()).last
    total = RATE * LATENCY_S

    async def write() -> None:
        began = time.perf_counter()
        for n in range(total):
            await asyncio.sleep(max(0.0, began + n / RATE - time.perf_counter()))
            number = 10_000_000 + n
            sent[f"r_{number:020x}"] = time.perf_counter()
            await bus.publish(new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche=str(number)), source="bench"))

    writing = asyncio.create_task(write())
    async for batch in bus.read(after=after, subjects=["media.purged"]):
        now = time.perf_counter()
        latencies += [1000 * (now - sent[stored.event().data.id]) for stored in batch]
        if len(latencies) >= total:
            break
    await writing
    return latencies


@asynccontextmanager
async def celery() -> AsyncIterator[str]:
    """Three Celery workers, one for each stage, on a Redis with an append-only file synced every second."""
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("bench: the program redis-server is missing; install it (Debian: apt install redis-server)")
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"redis://127.0.0.1:{port}/0"
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--save", ""]
        quiet = subprocess.DEVNULL
        server = subprocess.Popen([program, *options], stdout=quiet)
        environment = {**os.environ, "BENCH_REDIS_URL": url}
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "bench.celery_stages",
            "worker",
            "-c",
            "1",
            "--loglevel",
            "ERROR",
        ]
        extra = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        workers = [
            subprocess.Popen(
                [*command, *extra, "-Q", stage, "-n", f"{stage}@bench"], env=environment, stdout=quiet, stderr=quiet
            )
            for stage in STAGES
        ]
        try:
            os.environ["BENCH_REDIS_URL"] = url
            await asyncio.to_thread(_until_workers_answer)
            yield url
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait()
            server.terminate()
            server.wait()


def _until_workers_answer() -> None:
    from bench import celery_stages

    deadline = time.monotonic() + 60
    while len(celery_stages.app.control.ping(timeout=1.0)) < len(STAGES):
        if time.monotonic() > deadline:
            raise SystemExit("bench: the Celery workers do not answer")


def rate_of_celery() -> float:
    """Events a second from the first publish to the last outcome."""
    from bench import celery_stages

    client = celery_stages._redis
    client.delete("outcomes")
    began = time.perf_counter()
    with ThreadPoolExecutor(FEEDERS) as pool:
        list(pool.map(lambda n: celery_stages.one.delay({"n": n, "sent": time.time()}), range(EVENTS)))
    while client.llen("outcomes") < EVENTS:
        time.sleep(0.005)
    return EVENTS / (time.perf_counter() - began)


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def main() -> dict[str, float]:
    """Run all, print a table, return its figures."""
    rates: dict[str, list[float]] = {"ours, sync default": [], "ours, sync always": [], "celery + redis": []}
    latencies: list[float] = []
    async with ours("2m") as default, ours("always") as always, celery():
        await rate_of_ours(default, 1000)
        await rate_of_ours(always, 1000)
        await asyncio.to_thread(rate_of_celery)
        for round_ in range(ROUNDS):
            rates["ours, sync default"].append(await rate_of_ours(default, round_))
            rates["celery + redis"].append(await asyncio.to_thread(rate_of_celery))
            rates["ours, sync always"].append(await rate_of_ours(always, round_))
        latencies = await latency_of_ours(always)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    peer = medians["celery + redis"]
    for name, value in medians.items():
        spread = f"{min(rates[name]):.0f} to {max(rates[name]):.0f}"
        print(f"{name:<20} {value:7.0f} events/s  {value / peer:5.2f} x celery  ({spread})")
    p50, p99 = percentile(latencies, 0.5), percentile(latencies, 0.99)
    print(f"{RATE} events/s through three stages, sync always: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    return {**medians, "p50_ms": p50, "p99_ms": p99}


if __name__ == "__main__":
    asyncio.run(main())
