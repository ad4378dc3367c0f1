"""Child processes: what they answer, how they fail, and that none of them outlives its parent."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Retry

RESTLESS = "tests.downloader.restless"


async def test_an_answer_may_be_large_and_prints_do_not_disturb_it() -> None:
    assert len((await run_child(RESTLESS, {"do": "print"}, timeout_s=60))["large"]) == 1_000_000


async def test_an_error_of_ours_arrives_as_it_was_raised() -> None:
    with pytest.raises(Retry) as raised:
        await run_child(RESTLESS, {"do": "later"}, timeout_s=60)
    assert (raised.value.what, raised.value.after, raised.value.advice) == ("not now", 5, "wait")


@pytest.mark.parametrize(("do", "how"), [("crash", "SIGSEGV"), ("bug", "ValueError: a bug")])
async def test_a_child_that_dies_says_how(do: str, how: str) -> None:
    with pytest.raises(ChildCrashError, match=how):
        await run_child(RESTLESS, {"do": do}, timeout_s=60)


async def test_a_child_that_hangs_is_killed_and_reaped() -> None:
    pids: list[int] = []

    async def progressed(message: dict[str, Any]) -> None:
        pids.append(message["pid"])

    with pytest.raises(ChildTimeoutError):
        await run_child(RESTLESS, {"do": "hang"}, timeout_s=1.5, progressed=progressed)
    assert not psutil.pid_exists(pids[0])


async def test_a_child_dies_when_its_parent_is_killed() -> None:
    program = (
        "import asyncio\nfrom runtime.children import run_child\n"
        "async def told(message): print(message['pid'], flush=True)\n"
        f"asyncio.run(run_child({RESTLESS!r}, {{'do': 'hang'}}, timeout_s=600, progressed=told))\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert parent.stdout is not None
    child = psutil.Process(int(await parent.stdout.readline()))
    parent.kill()
    await parent.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, [child], timeout=30)
    assert alive == []


async def test_a_connection_has_less_time_than_an_answer() -> None:
    told = await run_child("tests.downloader.slow_connect", {"within": 10.0, "asked": [30.0, 2.0, None]}, timeout_s=30)
    assert told["timeouts"] == [30.0, 10.0, 30.0, 2.0, 2.0, 2.0, None, 10.0, None]
