"""The HTTP door: commands a second against a bare endpoint, memory of idle feeds, from publish to client."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil

from contracts.events import DiscoveryRequested
from contracts.subjects import DISCOVERY_REQUESTED
from runtime.bus import new_command, open_bus
from runtime.embed import NatsServer, PostgresServer

TOKEN = "a-token-for-the-benchmark-of-the-door"
CLIENTS, REQUESTS, ROUNDS = 32, 2000, 3
FEEDS = 1000
RATE, EVENTS = 100, 1000
MIB = 1 << 20


async def main() -> dict[str, float]:
    """The sides in turn, medians of their ratios; then one door with many feeds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        nats, postgres = NatsServer(folder / "nats"), PostgresServer(folder / "pg")
        await nats.start()
        await postgres.start()
        try:
            environment = _environment(folder, nats.url, postgres.url)
            async with _door(environment) as (ours, process), _bare(environment) as bare:
                rates = await _rates(ours, bare)
                delays = await _delays(ours, nats.url)
                memory = await _idle(ours, process)
        finally:
            await nats.stop()
            await postgres.stop()
    return {**rates, **delays, **memory}


def _environment(folder: Path, nats_url: str, database_url: str) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        **os.environ,
        "CLIPWIRE_HOME": str(folder / "home"),
        "CLIPWIRE_NATS_URL": nats_url,
        "CLIPWIRE_DATABASE_URL": database_url,
        "CLIPWIRE_ACCESS_TOKEN": TOKEN,
        "CLIPWIRE_HTTP_PORT": "0",
        "CLIPWIRE_HTTP_STREAMS": "2000",
        "CLIPWIRE_LOG_LEVEL": "error",
        "BENCH_PORT": str(port),
    }


@asynccontextmanager
async def _running(program: str, environment: dict[str, str]) -> AsyncIterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", program], env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


@asynccontextmanager
async def _door(environment: dict[str, str]) -> AsyncIterator[tuple[str, psutil.Process]]:
    told = Path(environment["CLIPWIRE_HOME"]) / "gateway.json"
    async with _running("gateway.http", environment) as process:
        while not told.exists():
            await asyncio.sleep(0.05)
        yield json.loads(told.read_text())["http_url"] + "/api/v1", psutil.Process(process.pid)


@asynccontextmanager
async def _bare(environment: dict[str, str]) -> AsyncIterator[str]:
    url = f"http://127.0.0.1:{environment['BENCH_PORT']}"
    async with _running("bench.door_bare", environment), httpx.AsyncClient() as client:
        while True:
            try:
                await client.get(url)
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        yield url


async def _rates(ours: str, bare: str) -> dict[str, float]:
    pairs = []
    await asyncio.gather(_post(ours, 200), _post(bare, 200))  # both are warm
    for _ in range(ROUNDS):
        pairs.append((await _post(ours, REQUESTS), await _post(bare, REQUESTS)))
    ratios = [own / peer for own, peer in pairs]
    own, peer = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(
        f"POST /events at concurrency {CLIENTS}: {own:.0f} a second; bare endpoint {peer:.0f}; "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )
    return {"own": own, "bare": peer, "ratio": statistics.median(ratios)}


async def _post(url: str, requests: int) -> float:
    """Requests a second, over raw sockets: a client library would be the slower side."""
    port = int(url.partition("//")[2].partition("/")[0].rpartition(":")[2])
    path = ("/" + url.partition("//")[2].partition("/")[2]).rstrip("/") + "/events/discovery.requested"
    body = b'{"niche": "ai tools", "limit": 5}'
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    left = iter(range(requests))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in left:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 202"), head
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return requests / (time.perf_counter() - began)


async def _feed(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = url.partition("//")[2].partition("/")[0].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET /api/v1/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    await reader.readuntil(b"retry: 1000")
    return reader, writer


async def _delays(url: str, nats_url: str) -> dict[str, float]:
    """Milliseconds from before an event is published until a client has read it."""
    reader, writer = await _feed(url)
    sent: dict[str, float] = {}
    took: list[float] = []

    async def read() -> None:
        while len(took) < EVENTS:
            line = await reader.readline()
            if line.startswith(b"data: "):
                took.append(1000 * (time.perf_counter() - sent[json.loads(line[6:])["id"]]))

    reading = asyncio.create_task(read())
    async with open_bus(nats_url, name="bench") as bus:
        began = time.perf_counter()
        for number in range(EVENTS):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            event = new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche="ai"), source="bench", id=f"d{number}")
            sent[event.id] = time.perf_counter()
            await bus.publish(event)
        await reading
    writer.close()
    cuts = statistics.quantiles(took, n=100)
    print(f"publish to client at {RATE} events/s: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms")
    return {"p50_ms": cuts[49], "p99_ms": cuts[98]}


async def _idle(url: str, process: psutil.Process) -> dict[str, float]:
    before = process.memory_info().rss
    feeds = [await _feed(url) for _ in range(FEEDS)]
    await asyncio.sleep(3)
    used = process.cpu_times()
    await asyncio.sleep(5)
    busy = process.cpu_times()
    more = (process.memory_info().rss - before) / MIB
    share = 100 * (busy.user + busy.system - used.user - used.system) / 5
    print(f"{FEEDS} idle feeds: {more:.0f} MiB more, {share:.0f} % of one core")
    for _, writer in feeds:
        writer.close()
    return {"feeds_mib": more, "feeds_cpu_percent": share}
