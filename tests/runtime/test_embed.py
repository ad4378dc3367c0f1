"""The embedded servers: start, survive kills, keep data, ask for a password, end with their parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest
from nats.aio.client import Client

from contracts.events import DiscoveryRequested
from contracts.subjects import DISCOVERY_REQUESTED
from runtime.bus import connect, new_command, open_bus
from runtime.embed import NatsServer, PostgresServer
from runtime.errors import Unavailable
from runtime.provision import drift, provision
from runtime.topology import Consumer
from tests.support.running import until


async def test_events_survive_a_kill_of_the_nats_server_on_the_same_port(tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "nats")
    await server.start()
    port = server.port
    async with open_bus(server.url, name="test") as bus:
        await bus.publish(new_command(DISCOVERY_REQUESTED, DiscoveryRequested(niche="n"), source="test"))
        await server.stop(signal.SIGKILL)
        await server.start()
        assert server.port == port
        assert (await bus.stream_state()).last == 1
    await server.stop()
    assert not server.running


async def test_nats_asks_for_the_password(nats_server: NatsServer) -> None:
    client = Client()
    errors: list[Exception] = []

    async def note(error: Exception) -> None:
        errors.append(error)

    with pytest.raises(Exception, match=r"(?i)authorization"):
        await client.connect(f"nats://127.0.0.1:{nats_server.port}", allow_reconnect=False, error_cb=note)
    await client.close()


async def test_a_server_that_is_not_there_is_said_without_its_password() -> None:
    with pytest.raises(Unavailable) as caught:
        await connect("nats://user:secret@127.0.0.1:9", name="test", within=0.7)
    assert "127.0.0.1:9" in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_postgres_keeps_its_data_over_a_kill(open_folder: Path) -> None:
    server = PostgresServer(open_folder / "pg")
    await server.start()
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE TABLE t AS SELECT 42 AS n")
    await connection.close()
    await server.stop(signal.SIGKILL)
    await server.start()
    connection = await asyncpg.connect(server.url)
    assert await connection.fetchval("SELECT n FROM t") == 42
    await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.url.replace(server._password, "wrong"))
    await server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a folder that an unprivileged server may not enter")
async def test_postgres_runs_for_root_in_a_folder_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    server = PostgresServer(tmp_path / "closed" / "pg")
    await server.start()
    try:
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
    finally:
        await server.stop()
        subprocess.run(["rm", "-rf", str(server.folder)], check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs prctl(2)")
async def test_the_servers_end_with_a_parent_that_is_killed(open_folder: Path) -> None:
    code = (
        "import asyncio, sys, time\n"
        "from pathlib import Path\n"
        "from runtime.embed import NatsServer, PostgresServer\n"
        "n, p = NatsServer(Path(sys.argv[1]) / 'n'), PostgresServer(Path(sys.argv[1]) / 'p')\n"
        "asyncio.run(n.start()); asyncio.run(p.start())\n"
        "print(n.pid, p.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(open_folder)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in (await asyncio.to_thread(parent.stdout.readline)).split()]
        assert all(psutil.pid_exists(pid) for pid in pids)
        parent.kill()

    async def gone() -> bool:
        return not any(_runs(pid) for pid in pids)

    await until(gone)


def _runs(pid: int) -> bool:
    """Alive and no zombie that nobody has fetched yet."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and " Z " not in stat.read_text()


async def test_provisioning_again_changes_nothing_and_drift_is_named(nats_url: str) -> None:
    client = await connect(nats_url, name="test")
    consumer = Consumer("ranker", "candidate.found", 30.0)
    assert "stream EVENTS: missing" in await drift(client, [consumer])
    await provision(client, [consumer])
    await provision(client, [consumer])
    assert await drift(client, [consumer]) == []
    changed = Consumer("ranker", "candidate.found", 60.0)
    assert await drift(client, [changed]) == ["consumer ranker--candidate_found: ack_wait is 30.0, should be 60.0"]
    await provision(client, [changed])
    assert await drift(client, [changed]) == []
    await client.jetstream().delete_stream("DLQ")
    assert await drift(client) == ["stream DLQ: missing"]
    await client.close()
