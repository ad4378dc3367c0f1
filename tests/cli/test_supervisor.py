"""What ends is started again, with patience."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.bus import connect
from runtime.embed import NatsServer
from runtime.errors import ConfigurationError
from runtime.supervisor import Pace, Supervisor
from tests.support.running import until


def test_a_kill_is_made_good_at_once_and_a_failure_after_a_growing_pause() -> None:
    pace = Pace(longest=15.0)
    assert [pace.ended(killed=True) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert [pace.ended(killed=True) for _ in range(3)] == [8.0, 15.0, 15.0]
    assert not pace.ran(1.0)
    assert pace.ran(60.0)
    assert pace.ended(killed=False) == 1.0


@given(st.lists(st.booleans(), max_size=200))
def test_no_pause_is_longer_than_the_longest(kills: list[bool]) -> None:
    pace = Pace(longest=4.0)
    assert all(0.0 <= pace.ended(killed=killed) <= 4.0 for killed in kills)


async def test_a_server_that_cannot_come_back_yet_is_waited_for(tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "nats", sync="2m")
    await server.start()
    await server.stop(signal.SIGKILL)
    supervisor = Supervisor([], [server], longest_pause=0.1)
    log = tmp_path / "nats" / "nats-server.log"
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", server.port):
        supervisor.start()

        async def tried_thrice() -> bool:
            supervisor.check()
            return log.read_text().count("address already in use") >= 3

        await until(tried_thrice)
    client = await connect(server.url, name="test", within=20)
    await client.close()
    supervisor.check()
    await supervisor.stop(1.0)
    await server.stop()


async def test_what_waiting_does_not_mend_is_said(tmp_path: Path) -> None:
    class Missing(NatsServer):
        async def start(self) -> None:
            raise ConfigurationError("the NATS server program is missing")

    supervisor = Supervisor([], [Missing(tmp_path)], longest_pause=0.0)
    supervisor.start()
    with pytest.raises(ConfigurationError, match="missing"):
        async with asyncio.timeout(5):
            while True:
                supervisor.check()
                await asyncio.sleep(0.01)
    await supervisor.stop(1.0)
