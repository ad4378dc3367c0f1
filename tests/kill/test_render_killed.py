"""`kill -9` in the middle of a real render: the short is finished, once, and no half file is taken for a whole one."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from contracts.events import CandidateApproved
from contracts.renders import Recipe
from contracts.subjects import CANDIDATE_APPROVED
from contracts.work import Channel
from runtime.bus import Bus, new_command
from runtime.kv import NatsChannels
from runtime.settings import RuntimeSettings
from runtime.stack import Stack, start_stack
from tests.support.running import stored, until

ACTORS = ("downloader", "transcriber", "vlm", "producer", "renderer", "archiver", "publisher")


def moving_square(path: Path, seconds: int = 12, fps: int = 12) -> None:
    """A small video whose bright square moves from left to right."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt, stream.time_base = 320, 180, "yuv420p", Fraction(1, fps)
        for n in range(seconds * fps):
            picture = np.full((180, 320, 3), 40, np.uint8)
            left = int(n / (seconds * fps) * 260)
            picture[60:120, left : left + 60] = 220
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = n
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


async def kill_renderer_at_work(stack: Stack, bus: Bus, times: int) -> int:
    """Kill the renderer whenever it says that it is in the middle of its work."""
    killed = 0
    assert stack.supervisor is not None
    renderer = next(child for child in stack.supervisor.children if child.name == "renderer")
    async for progress in bus.watch_progress():
        if progress.stage == "renderer" and (progress.done or 0) > 0.05 and renderer.pid is not None:
            os.kill(renderer.pid, signal.SIGKILL)
            killed += 1
            if killed == times:
                break
    return killed


@pytest.mark.timeout(180)
async def test_a_render_that_is_killed_is_finished_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIPWIRE_ACK_WAIT_S", "2")
    moving_square(tmp_path / "square.mp4")
    home = tmp_path / "home"
    async with start_stack(RuntimeSettings(home=home), ACTORS, log_folder=home / "logs") as stack:
        bus = stack.bus
        await NatsChannels(bus.js).put(Channel(recipes=(Recipe(width=540, height=960),)))
        killing = asyncio.create_task(kill_renderer_at_work(stack, bus, times=2))
        approved = CandidateApproved(url=(tmp_path / "square.mp4").as_uri(), clips=1)
        await bus.publish(new_command(CANDIDATE_APPROVED, approved, source="test"))

        async def finished() -> bool:
            assert await stored(bus, "work.failed") == []
            return len(await stored(bus, "media.archived")) == 2

        await until(finished, within=150)
        assert await asyncio.wait_for(killing, 1) == 2
        events = [event.event() for event in await stored(bus)]
        counts = Counter(event.type for event in events)
        assert (counts["render.done"], counts["publish.done"]) == (1, 1)
        render = next(event.data.render for event in events if event.type == "render.done")
        video = await stack.media.local(render.video.uri)
        assert await stack.media.describe(render.video.uri, "video/mp4") == render.video
    with av.open(str(video)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames == round(render.duration * render.fps)
    whole = [path.name for path in (home / "media" / "renders").rglob("*.mp4") if not path.name.startswith(".")]
    assert whole == ["video.mp4"]
    assert len(list((home / "outbox" / "default").glob("p_*"))) == 1
