"""All of Clipwire on one machine: embedded servers, one process per actor, the doors; or the one running already."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runtime.bus import Bus, open_bus
from runtime.embed import NatsServer, PostgresServer
from runtime.errors import ConfigurationError, Unavailable
from runtime.files import write_atomically
from runtime.flow import actor_names, consumers_of
from runtime.home import Addresses, HomeLock, running_clipwire
from runtime.media import MediaStore, open_media_store
from runtime.rights import permissions
from runtime.settings import RuntimeSettings
from runtime.supervisor import Child, Supervisor
from runtime.tasks import end
from runtime.units import environment_of, values_set
from runtime.vigil import keep_consumers

__all__ = ["DOORS", "Stack", "running_stack", "start_stack"]

DOORS = {"http": "gateway.http", "telegram": "gateway.telegram"}
_TOLD = {"gateway.http": "gateway.json", "gateway.telegram": "telegram.json"}
"""The file in CLIPWIRE_HOME in which a door says that it serves."""
_WITH_DATABASE = frozenset({*DOORS.values(), "actors.publisher"})
"""Read models, the bot's memory, the publisher's accounts: each in a schema of its own, known to nobody else."""
_READY_S = 120.0
_TRIES = 3
Status = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """A running Clipwire: its addresses, a bus and the media store. `own`: it ends with us; else it runs in `home`."""

    addresses: Addresses
    bus: Bus
    media: MediaStore
    own: bool
    home: Path | None = None
    supervisor: Supervisor | None = None

    @property
    def nats_url(self) -> str:
        """Address of NATS, with user and password."""
        return self.addresses.nats_url

    @property
    def database_url(self) -> str | None:
        """Address of PostgreSQL, with user and password."""
        return self.addresses.database_url

    @property
    def media_url(self) -> str:
        """Where media lies."""
        return self.addresses.media_url

    @property
    def http_url(self) -> str | None:
        """Address of the HTTP door."""
        return self.addresses.http_url


@asynccontextmanager
async def running_stack(
    settings: RuntimeSettings, *, on_status: Status = lambda _: None, log_folder: Path | None = None
) -> AsyncIterator[Stack]:
    """The Clipwire that runs in this CLIPWIRE_HOME, or one of our own that ends with the block.

    Nobody else asks at the door of our own: it takes any free port, so that it is in nobody's way.
    """
    there = running_clipwire(settings.home)
    if there is None:
        own_door = {"CLIPWIRE_HTTP_PORT": "0"}
        async with start_stack(settings, on_status=on_status, log_folder=log_folder, environment=own_door) as stack:
            yield stack
        return
    on_status(f"joining the Clipwire that runs as process {there.pid}")
    async with open_bus(there.nats_url, name="clipwire-cli", within=5) as bus:
        yield Stack(there, bus, open_media_store(there.media_url), own=False, home=settings.home)


@asynccontextmanager
async def start_stack(
    settings: RuntimeSettings,
    names: Sequence[str] = (),
    *,
    on_status: Status = lambda _: None,
    log_folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Stack]:
    """Start the named actors and doors (all, if none is named); yields once every consumer is bound.

    `environment`: variables for these processes alone. Raises `ConfigurationError` for an unknown name, a home in use
    or a setting that a process refuses, `Unavailable` when something does not start.
    """
    known = {**values_set(), **(environment or {})}
    modules = _modules(names, known)
    _make_home(settings.home, log_folder)
    async with AsyncExitStack() as stack:
        stack.enter_context(HomeLock(settings.home))
        run_file = settings.home / "run.json"
        run_file.unlink(missing_ok=True)  # left by one that was killed
        servers: list[NatsServer | PostgresServer] = []
        nats_url, database_url = settings.nats_url, settings.database_url
        nats: NatsServer | None = None
        if nats_url is None:
            on_status("starting the NATS server")
            nats = NatsServer(settings.home / "nats", permissions=permissions())
            await nats.start()
            servers.append(nats)
            nats_url = nats.url
            stack.push_async_callback(nats.stop)
        if database_url is None and not _WITH_DATABASE.isdisjoint(modules):
            on_status("starting PostgreSQL")
            postgres = PostgresServer(settings.home / "postgres")
            await postgres.start()
            servers.append(postgres)
            database_url = postgres.url
            stack.push_async_callback(postgres.stop)
        bus = await stack.enter_async_context(open_bus(nats_url, name="clipwire-up"))
        consumers = consumers_of(
            [module.partition(".")[2] for module in modules if module.startswith("actors.")], settings.ack_wait_s
        )
        await bus.provision(consumers)
        keeping = asyncio.create_task(keep_consumers(bus, consumers))
        stack.push_async_callback(end, keeping)
        children = [
            Child(
                module,
                _environment(settings, module, known, _own_url(nats, module) or nats_url, database_url),
                log_folder / f"{module}.log" if log_folder else None,
            )
            for module in modules
        ]
        supervisor = Supervisor(children, servers)
        supervisor.start()
        stack.push_async_callback(supervisor.stop, settings.drain_s + 5)
        on_status(f"starting {len(children)} processes")
        await _until_ready(supervisor, bus, settings.home)
        addresses = Addresses(
            nats_url, database_url, settings.media_location, _http_url(settings.home, supervisor), os.getpid()
        )
        _keep_door(supervisor, addresses.http_url)
        write_atomically(run_file, json.dumps(asdict(addresses), indent=1), mode=0o600)
        stack.callback(run_file.unlink, missing_ok=True)
        yield Stack(addresses, bus, open_media_store(settings.media_location), own=True, supervisor=supervisor)


def _own_url(nats: NatsServer | None, module: str) -> str | None:
    """The address of our own server for one process, whose rights are what its card says; none for another server."""
    return nats.url_of(module.rpartition(".")[2]) if nats else None


def _make_home(home: Path, log_folder: Path | None) -> None:
    """State, media and passwords are nobody else's business; PostgreSQL for root only has to pass through."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o711)
        if log_folder:
            log_folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"CLIPWIRE_HOME is {home}, and that folder can't be made ({error.strerror})",
            advice="Choose a folder that you may write to",
        ) from None


def _modules(names: Sequence[str], values: Mapping[str, str]) -> list[str]:
    known = {name: f"actors.{name}" for name in actor_names()} | DOORS
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigurationError(
            f"there is no actor or door named {', '.join(unknown)}", advice=f"There are: {', '.join(known)}"
        )
    return [known[name] for name in (names or known) if names or name != "telegram" or _has_bots(values)]


def _has_bots(values: Mapping[str, str]) -> bool:
    """Whether there is a bot to run, or may be one: without them the bot's door refuses to."""
    brought = values.get("CLIPWIRE_TELEGRAM_OWN_BOTS", "").lower() in {"1", "true", "yes", "on", "t", "y"}
    return brought or bool(values.get("CLIPWIRE_TELEGRAM_API_KEY"))


def _environment(
    settings: RuntimeSettings, module: str, known: Mapping[str, str], nats_url: str, database_url: str | None
) -> dict[str, str]:
    """Nobody's but the module's own settings: no process sees the keys and passwords of another."""
    environment = environment_of(module, known)
    environment.pop("CLIPWIRE_DATABASE_URL", None)
    environment["CLIPWIRE_HOME"] = str(settings.home.absolute())
    environment["CLIPWIRE_NATS_URL"] = nats_url
    environment["CLIPWIRE_MEDIA_URL"] = settings.media_location
    if database_url and module in _WITH_DATABASE:
        environment["CLIPWIRE_DATABASE_URL"] = database_url
    return environment


async def _until_ready(supervisor: Supervisor, bus: Bus, home: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while True:
        supervisor.check()
        missing = await _not_ready(supervisor, bus, home)
        if not missing:
            return
        for child in supervisor.children:
            if child.refused:
                raise ConfigurationError(f"{child.name} does not start: {child.last_words}")
            if child.failures > _TRIES:
                why = f": {child.last_words}" if child.last_words else f" (exit code {child.code})"
                raise Unavailable(f"{child.name} does not start{why}", advice=f"See {child.log_file or 'its output'}")
        if time.monotonic() > deadline:
            raise Unavailable(f"not ready after {_READY_S:.0f} seconds: {', '.join(missing)}", advice="See their logs")
        await asyncio.sleep(0.1)


async def _not_ready(supervisor: Supervisor, bus: Bus, home: Path) -> list[str]:
    present = {process.pid: process.actor for process in await bus.processes()}
    missing = [
        child.name
        for child in supervisor.children
        if (child.pid not in present if child.module.startswith("actors.") else _told(home, child) is None)
    ]
    return missing or [
        state.name for state in await bus.consumers() if state.actor in present.values() and not state.bound
    ]


def _keep_door(supervisor: Supervisor, url: str | None) -> None:
    """A door that is started again opens where it was: clients come back to the address in `run.json`."""
    for child in supervisor.children:
        if child.module == DOORS["http"] and url:
            child.environment = {**child.environment, "CLIPWIRE_HTTP_PORT": str(urlsplit(url).port)}


def _http_url(home: Path, supervisor: Supervisor) -> str | None:
    doors = [child for child in supervisor.children if child.module == DOORS["http"]]
    return _door_url(home, doors[0]) if doors else None


def _door_url(home: Path, child: Child) -> str | None:
    """The address that the HTTP door has written down, once it serves."""
    said = _told(home, child)
    return str(said["http_url"]) if said is not None else None


def _told(home: Path, child: Child) -> dict[str, Any] | None:
    """What a door has written down, once it serves."""
    try:
        said: dict[str, Any] = json.loads((home / _TOLD[child.module]).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return said if said.get("pid") == child.pid else None
