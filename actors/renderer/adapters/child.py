"""Every render in a child process of its own: a bomb can't hurt, and to cancel is to kill."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from actors.renderer.adapters.job import Order
from actors.renderer.ports import Job, Rendered, Report
from actors.renderer.settings import RendererSettings
from runtime.errors import Reject, Retry

__all__ = ["ChildRenderer"]

_KEPT = 4000


class ChildRenderer:
    """`Renderer` on PyAV, one process for each short."""

    def __init__(self, settings: RendererSettings) -> None:
        self._settings = settings

    async def render(self, job: Job, *, video: Path, thumbnail: Path, report: Report) -> Rendered:
        """See `Renderer.render`."""
        order = Order(
            job=job,
            video=video,
            thumbnail=thumbnail,
            memory_mb=self._settings.renderer_memory_mb,
            max_pixels=round(self._settings.renderer_max_megapixels * 1e6),
            fonts=self._settings.renderer_fonts,
            parent=os.getpid(),
        )
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "actors.renderer.adapters.job", stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        try:
            async with asyncio.timeout(self._settings.renderer_timeout_s):
                return await _followed(child, order, report)
        except TimeoutError:
            raise Reject(
                f"The render took longer than {self._settings.renderer_timeout_s:.0f} s and was stopped",
                advice="Order a shorter span, or raise CLIPWIRE_RENDERER_TIMEOUT_S",
            ) from None
        finally:
            await _ended(child)


async def _followed(child: Process, order: Order, report: Report) -> Rendered:
    """Give the order, pass progress on, and make of the outcome what it is."""
    assert child.stdin and child.stdout and child.stderr  # noqa: S101  # pipes were asked for
    child.stdin.write(order.model_dump_json().encode() + b"\n")
    complaints = asyncio.create_task(_tail(child.stderr))
    outcome: dict[str, Any] = {}
    try:
        async for line in child.stdout:
            outcome = json.loads(line)
            if "done" in outcome:
                await report(outcome["done"], outcome["eta_s"])
        code = await child.wait()
        if code == 0 and "rendered" in outcome:
            return Rendered.model_validate(outcome["rendered"])
        if code == 0 and "refused" in outcome:
            refused = outcome["refused"]
            raise Reject(refused["what"], advice=refused["advice"], field=refused["field"])
        raise Retry(
            f"The render broke down ({_how(code)}): {(await complaints) or 'it said nothing'}",
            advice="If it happens again, look at the source of this clip; a kill by the system means too little memory",
        )
    finally:
        complaints.cancel()


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


async def _tail(stream: asyncio.StreamReader) -> str:
    """The last of what it complained about."""
    kept = b""
    while piece := await stream.read(65536):
        kept = (kept + piece)[-_KEPT:]
    lines = kept.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


async def _ended(child: Process) -> None:
    """Kill what still runs, and reap it."""
    if child.stdin is not None:
        child.stdin.close()
    if child.returncode is None:
        child.kill()
        await child.wait()
