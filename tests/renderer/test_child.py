"""The child process: it reports, is bounded, can be killed at any moment, and never outlives its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from actors.renderer.adapters.child import ChildRenderer
from actors.renderer.ports import Job
from actors.renderer.settings import RendererSettings
from contracts.media import Word
from contracts.renders import Recipe
from runtime.errors import Reject, Retry, Unavailable
from tests.renderer.jobs import job_of, outputs_at
from tests.renderer.media import Film, look, make, tone

SMALL = Recipe(width=180, height=320, quality="draft")


def settings(**changes: object) -> RendererSettings:
    return RendererSettings().model_copy(update=changes)


def order(tmp_path: Path, seconds: float = 2.0, recipe: Recipe = SMALL) -> Job:
    source = make(tmp_path / "a.mp4", Film(seconds=seconds, sound=tone(seconds)))
    return job_of(source, 0, seconds, recipe, words=(Word(text="Hello", start=0.2, end=0.6),))


def long_order(tmp_path: Path) -> Job:
    """Work for minutes, out of a small file."""
    return order(tmp_path, 4.0, Recipe(width=2160, height=3840, fps=60, quality="quality"))


def children() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if "actors.renderer.adapters.job" in each.cmdline()]


class Progress:
    def __init__(self) -> None:
        self.shares: list[float] = []
        self.begun = asyncio.Event()

    async def __call__(self, done: float, eta_s: float | None) -> None:
        self.shares.append(done)
        self.begun.set()


async def render(job: Job, report: Progress | None = None, **changes: object) -> None:
    folder = Path(job.timeline.segments[0].source).parent
    renderer = ChildRenderer(settings(**changes))
    await renderer.render(job, outputs=outputs_at(folder / "out.mp4"), report=report or Progress())


async def test_a_short_is_made_in_a_child_that_says_how_far_it_is(tmp_path: Path) -> None:
    report = Progress()
    await render(order(tmp_path, 4.0, Recipe(width=360, height=640)), report)
    assert len(look(tmp_path / "out.mp4").pictures) == 120
    assert report.shares == sorted(report.shares)
    assert all(0 < share <= 1 for share in report.shares)
    assert children() == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the disk that is always full is one of Linux's")
async def test_a_full_disk_is_told_as_such_and_is_for_later(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").symlink_to("/dev/full")
    with pytest.raises(Unavailable, match="the disk is full"):
        await render(order(tmp_path))


async def test_a_refusal_reaches_the_parent_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no video")
    job = job_of(tmp_path / "a.mp4", 0, 1, SMALL)
    with pytest.raises(Reject, match="not a readable video") as refused:
        await render(job)
    assert "Download" in refused.value.advice


async def test_to_cancel_is_to_kill(tmp_path: Path) -> None:
    report = Progress()
    task = asyncio.create_task(render(long_order(tmp_path), report))
    await asyncio.wait_for(report.begun.wait(), 60)
    assert len(children()) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == []


async def test_a_killed_child_is_tried_again_later(tmp_path: Path) -> None:
    report = Progress()
    task = asyncio.create_task(render(long_order(tmp_path), report))
    await asyncio.wait_for(report.begun.wait(), 60)
    children()[0].send_signal(signal.SIGKILL)
    with pytest.raises(Retry, match="killed by SIGKILL"):
        await task


async def test_a_render_that_takes_too_long_is_stopped_and_refused(tmp_path: Path) -> None:
    with pytest.raises(Reject, match="took longer than 2 s") as refused:
        await render(long_order(tmp_path), renderer_timeout_s=2.0)
    assert "CLIPWIRE_RENDERER_TIMEOUT_S" in refused.value.advice
    assert children() == []


async def test_a_render_that_needs_too_much_memory_is_refused_and_harms_nobody(tmp_path: Path) -> None:
    job = order(tmp_path, 2.0, Recipe(width=4096, height=4096, quality="quality"))
    with pytest.raises(Reject, match="more than 700 MiB"):
        await render(job, renderer_memory_mb=700)


async def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    """A parent that is killed at once (no handler of its own can run) leaves no child behind."""
    job = long_order(tmp_path)
    (tmp_path / "job.json").write_text(job.model_dump_json())
    script = textwrap.dedent(
        """
        import asyncio, sys
        from pathlib import Path
        from actors.renderer.adapters.child import ChildRenderer
        from actors.renderer.ports import Job, Output
        from actors.renderer.settings import RendererSettings

        async def report(done, eta_s):
            print(done, flush=True)

        folder = Path(sys.argv[1])
        job = Job.model_validate_json((folder / "job.json").read_text())
        asyncio.run(ChildRenderer(RendererSettings()).render(
            job, outputs=(Output(video=folder / "out.mp4", thumbnail=folder / "out.jpg"),), report=report))
        """
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        await asyncio.to_thread(parent.stdout.readline)
        (child,) = psutil.Process(parent.pid).children()
        os.kill(parent.pid, signal.SIGKILL)
    gone, alive = await asyncio.to_thread(psutil.wait_procs, [child], 10)
    assert gone and not alive
