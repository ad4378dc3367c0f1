"""The process that looks: it sees the same, it has limits, and it leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from actors.vlm.adapters.job import Job
from actors.vlm.adapters.local import LocalAnalyzer
from actors.vlm.ports import Sight
from actors.vlm.settings import VlmSettings
from runtime.errors import Reject, Retry
from tests.vlm.footage import a_clip, film, moving_square, scenes
from tests.vlm.test_look import look

CUTS = (2.0, 3.6, 6.4)
ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "media"


async def analyze(path: Path, duration: float, **settings: Any) -> Sight:
    """The same through a child process."""

    async def ignore(done: float, note: str) -> None:
        return None

    return await LocalAnalyzer(VlmSettings(**settings)).look(path, a_clip(duration), ignore)


async def test_a_child_process_sees_the_same(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", scenes(CUTS), 8.0)
    assert await analyze(path, 8.0) == look(path, 8.0)


async def test_what_the_child_rejects_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"")
    with pytest.raises(Reject, match="cannot be opened"):
        await analyze(tmp_path / "a.mp4", 8.0)


async def test_a_limit_of_memory_ends_in_an_error_that_names_the_setting(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", scenes((), (1920, 1080)), 0.2)
    with pytest.raises((Reject, Retry)) as caught:
        await analyze(path, 0.2, vlm_memory_mb=512)
    assert "CLIPWIRE_VLM_MEMORY_MB" in caught.value.advice


async def test_a_limit_of_time_rejects_and_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(Reject, match="longer than") as caught:
        await analyze(film(tmp_path / "a.mp4", scenes(()), 2.0), 2.0, vlm_timeout_s=0.05)
    assert "CLIPWIRE_VLM_TIMEOUT_S" in caught.value.advice
    assert not children()


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if "actors.vlm" in " ".join(p.cmdline())]


async def test_a_cancelled_look_leaves_no_process(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", moving_square(20.0), 20.0)
    started = asyncio.Event()

    async def progress(done: float, note: str) -> None:
        started.set()

    task = asyncio.create_task(LocalAnalyzer(VlmSettings()).look(path, a_clip(20.0), progress))
    await asyncio.wait_for(started.wait(), 30)
    assert children()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not children()


async def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    """The parent is killed the hard way while its child waits for the rest of the request."""
    code = (
        "import signal, subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-m', 'actors.vlm.adapters.child'],"
        " stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "p.stdin.write(sys.argv[1].encode() + b'\\n'); p.stdin.flush()\n"
        "print(p.pid, p.stdout.readline(), flush=True); signal.pause()\n"
    )
    path = film(tmp_path / "a.mp4", moving_square(25.0), 25.0)
    job = Job(
        path=str(path), made_from="0" * 64, duration=60, faces_per_s=10, threads=1, every_frame=True, memory_mb=3072
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, json.dumps(job.model_dump()), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert parent.stdout is not None
    pid = int((await asyncio.wait_for(parent.stdout.readline(), 60)).split()[0])
    child = psutil.Process(pid)
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    gone, _ = await asyncio.to_thread(psutil.wait_procs, [child], 10)
    assert gone
