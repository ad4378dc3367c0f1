"""The process of the HTTP door: socket, bus, database, projection and web server, from start to drain."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI

from gateway.hooks.hooks import open_hooks
from gateway.hooks.settings import HookSettings
from gateway.http.app import create_app
from gateway.http.forwarded import Forwarded
from gateway.http.parts import sweep
from gateway.http.patience import patient
from gateway.http.settings import GatewaySettings
from gateway.http.sweeping import keep_swept
from gateway.projection.database import open_pool
from gateway.projection.projector import Projector
from gateway.projection.reads import ReadModels
from gateway.users.identities import open_identities
from gateway.users.settings import UserSettings
from gateway.users.statements import SQL as USERS
from runtime.bus import open_bus
from runtime.database import migrate
from runtime.errors import ConfigurationError
from runtime.files import write_atomically
from runtime.flow import actor_names
from runtime.kv import NatsChannels
from runtime.media import open_media_store
from runtime.settings import RuntimeSettings
from runtime.tasks import end

__all__ = ["run", "serving"]

log = structlog.get_logger(__name__)

# A client is waiting: what the bus did not take by then is answered with 503, two seconds later at most.
_PUBLISH_S = 3.0


async def run(runtime: RuntimeSettings, settings: GatewaySettings, token: str) -> None:
    """Serve until SIGTERM or SIGINT, then drain. Raises `ConfigurationError` and `Unavailable` at the start.

    Drains as well where something beside the requests ends, and raises what ended it.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with serving(runtime, settings, token, stop) as url:
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, stop.set)
        log.info("gateway.ready", url=url)
        await stop.wait()
        log.info("gateway.draining")


@asynccontextmanager
async def serving(
    runtime: RuntimeSettings, settings: GatewaySettings, token: str, stop: asyncio.Event | None = None
) -> AsyncIterator[str]:
    """The door, open; yields its address. `gateway.json` in CLIPWIRE_HOME tells it to others for as long.

    `stop` is set where this process cannot go on.
    """
    if runtime.nats_url is None or runtime.database_url is None:
        missing = "CLIPWIRE_NATS_URL" if runtime.nats_url is None else "CLIPWIRE_DATABASE_URL"
        raise ConfigurationError(f"{missing} is not set", advice="`clipwire up` starts a server and sets it")
    listener = _bind(settings)
    try:
        async with (
            open_bus(
                runtime.nats_url, name="clipwire-gateway", budget=min(_PUBLISH_S, runtime.publish_budget_s)
            ) as bus,
            open_pool(runtime.database_url) as pool,
        ):
            await migrate(pool, USERS)
            identities = open_identities(
                pool, UserSettings(), home=runtime.home, operator_token=token, tell=bus.announce
            )
            projector = Projector(pool, bus, batch=settings.projection_batch)
            hooks = await open_hooks(pool, HookSettings(), home=runtime.home)
            reads = ReadModels(pool)
            app = create_app(
                settings=settings,
                home=runtime.home,
                identities=identities,
                bus=bus,
                reads=reads,
                channel_store=NatsChannels(bus.js, budget=_PUBLISH_S),
                media_store=open_media_store(runtime.media_location),
                projector=projector,
                hooks=hooks,
                actors=actor_names(),
            )
            await asyncio.to_thread(sweep, runtime.home / "uploads")
            old = timedelta(days=settings.idempotency_days)
            sweeping = keep_swept(identities.sweep, hooks.webhooks.sweep, partial(reads.sweep_requests, old))
            async with (
                _beside(stop or asyncio.Event(), projector.run(), hooks.run(bus), sweeping),
                _web_server(app, listener, settings, runtime.drain_s),
                _told(runtime.home, url := _url(listener)),
            ):
                yield url
    finally:
        listener.close()


@asynccontextmanager
async def _beside(stop: asyncio.Event, *works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Work that never ends, for as long as the block. Where it does, `stop` is set, and the block raises why."""
    tasks = [asyncio.create_task(work) for work in works]
    for task in tasks:
        task.add_done_callback(lambda _: stop.set())
    try:
        yield
    finally:
        ended = [task for task in tasks if task.done()]
        await end(*tasks)
    for task in ended:
        task.result()  # ends the process; whoever keeps it running starts another


def _bind(settings: GatewaySettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    # The protocol is named so that asyncio knows it and sends at once: else the second part of every answer on a kept
    # connection waits for the client's delayed acknowledgement, 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.http_host, settings.http_port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"the HTTP door can't listen on {settings.http_host}:{settings.http_port} ({error.strerror or error})",
            advice="End what uses the port, or choose another CLIPWIRE_HTTP_PORT (0: any free one)",
        ) from None
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@asynccontextmanager
async def _web_server(
    app: FastAPI, listener: socket.socket, settings: GatewaySettings, drain_s: float
) -> AsyncIterator[None]:
    """Uvicorn in this event loop. When it ends: feeds are closed, other requests may finish for `drain_s`."""
    config = uvicorn.Config(
        Forwarded(app, settings.trusted_proxies),
        http=patient(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=False,
        ws_max_size=16 * 1024,  # what clients say is a token
        ws_per_message_deflate=False,  # it would take some hundred KiB a client
        timeout_graceful_shutdown=max(1, int(drain_s)),
    )
    server = uvicorn.Server(config)
    # `_serve` is `serve` without its signal handlers, which would take ours away.
    running = asyncio.create_task(server._serve([listener]))
    try:
        while not server.started:
            if running.done():
                running.result()
                raise ConfigurationError("the web server ended at its start", advice="See the log of the gateway")
            await asyncio.sleep(0.01)
        yield
    finally:
        app.state.stopping.set()
        server.should_exit = True
        await running


@asynccontextmanager
async def _told(home: Path, url: str) -> AsyncIterator[None]:
    path = home / "gateway.json"
    home.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"http_url": url, "pid": os.getpid()}), mode=0o600)
    try:
        yield
    finally:
        with suppress(OSError, ValueError):  # another gateway has put its own there since
            if json.loads(path.read_text(encoding="utf-8"))["pid"] == os.getpid():
                path.unlink()
