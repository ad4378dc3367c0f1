"""A real NATS server per test, a real PostgreSQL per run; an unexpected error line fails a test."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import structlog
from hypothesis import settings

from runtime.bus import Bus, open_bus
from runtime.embed import NatsServer, PostgresServer
from runtime.media import FileMediaStore
from tests.support.databases import Databases

# What fails with fifty cases fails with a hundred; a test whose cases are many and far apart asks for more itself.
settings.register_profile("everyday", max_examples=50)
settings.register_profile("thorough", max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))

structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: a test waits for servers and children as long as it works itself."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest comes first, so that nobody waits for it in the end."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not look through it again and again."""
    gc.freeze()


@pytest.fixture(autouse=True)
def no_unexpected_errors(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A line of level ERROR fails the test, unless it is marked `errors_expected`."""
    yield
    if request.node.get_closest_marker("errors_expected") is None:
        lines = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
        assert not lines, f"unexpected error lines: {lines}"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that the unprivileged PostgreSQL may enter (pytest's own are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="clipwire-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A server of this test's own. Tests do not lose power: the sync of every write is left to the tests about it."""
    server = NatsServer(tmp_path / "nats", sync="2m")
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop(signal.SIGKILL))


@pytest.fixture
def nats_url(nats_server: NatsServer) -> str:
    """Its address."""
    return nats_server.url


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    """A bus on it, with streams and buckets in place."""
    async with open_bus(nats_url, name="test", budget=10) as opened:
        yield opened


@pytest.fixture
def media(tmp_path: Path) -> FileMediaStore:
    """An empty media store."""
    return FileMediaStore(tmp_path / "media")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for the whole run. Like the NATS server above it may forget on a loss of power.

    Its password is hashed once, not 4096 times, for every connection of every test.
    """
    folder = Path(tempfile.mkdtemp(prefix="clipwire-test-pg-"))
    folder.chmod(0o755)
    server = PostgresServer(folder)
    asyncio.run(server.start())
    hashed = f"ALTER ROLE clipwire PASSWORD '{urlsplit(server.url).password}'"
    unsynced = ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    asyncio.run(_execute(server.url, *unsynced, "SET scram_iterations = 1", hashed))
    yield server
    asyncio.run(server.stop())
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def databases(postgres: PostgresServer) -> Databases:
    """What makes and empties the database of a test."""
    made = Databases(postgres.url)
    asyncio.run(made.make())
    return made


@pytest.fixture
async def database_url(databases: Databases) -> AsyncIterator[str]:
    """A database with the schemas of the gateway and the publisher, and nothing in them."""
    yield databases.url
    await databases.clear()


@pytest.fixture
async def bare_database_url(database_url: str, databases: Databases) -> str:
    """A database without any schema: for what makes them."""
    await databases.drop()
    return database_url


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()
