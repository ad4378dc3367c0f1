"""`clipwire up`: runs actors and doors on this machine until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import typer

from runtime.embed import NatsServer
from runtime.settings import RuntimeSettings
from runtime.stack import Stack, start_stack
from runtime.telemetry import set_up_logs

__all__ = ["up"]


def up(actors: Annotated[list[str] | None, typer.Argument(help="Actors and doors to run; none: all.")] = None) -> None:
    """Run actors and doors on this machine, with NATS and PostgreSQL of its own unless addresses are set."""
    settings = RuntimeSettings()
    set_up_logs(settings, process="up")
    asyncio.run(_run(settings, actors or []))


async def _run(settings: RuntimeSettings, actors: Sequence[str]) -> None:
    stop, ready = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    serving = asyncio.create_task(_serve(settings, actors, stop, ready))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not ready.is_set():
        serving.cancel()  # stopped while it started: what runs already is stopped on the way out
    with suppress(asyncio.CancelledError):
        await serving


async def _serve(settings: RuntimeSettings, actors: Sequence[str], stop: asyncio.Event, ready: asyncio.Event) -> None:
    async with start_stack(settings, actors, on_status=_status) as stack:
        ready.set()
        _say(stack, settings)
        while not stop.is_set():
            if stack.supervisor is not None:
                stack.supervisor.check()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1.0)


def _status(words: str) -> None:
    print(f"clipwire: {words}", file=sys.stderr, flush=True)


def _say(stack: Stack, settings: RuntimeSettings) -> None:
    lines = {
        "HTTP": stack.http_url or "not running",
        "NATS": _without_password(stack.nats_url),
        "database": _without_password(stack.database_url) if stack.database_url else "not running",
        "media": stack.media_url,
        **_context(settings),
        "written to": f"{settings.home / 'run.json'}, with the passwords, for you alone",
    }
    print("clipwire is ready")
    for name, value in lines.items():
        print(f"  {name:<10}  {value}")
    sys.stdout.flush()


def _context(settings: RuntimeSettings) -> dict[str, str]:
    """How the client `nats` reaches a server of our own."""
    if settings.nats_url is not None:
        return {}
    return {"nats CLI": f"NATS_CONTEXT={NatsServer(settings.home / 'nats').context}"}


def _without_password(url: str) -> str:
    """What is printed is kept by whoever keeps logs, so the user and the password are left out."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
