"""The `Analyzer` of this machine: a child process per clip, so that it can be limited, killed, and crash alone."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from actors.vlm.adapters.job import METHOD, Job
from actors.vlm.ports import Progress, Sight
from actors.vlm.settings import VlmSettings
from contracts.media import Clip
from runtime.errors import Reject, Retry

__all__ = ["LocalAnalyzer"]

_ROOT = Path(__file__).resolve().parents[3]
_LINE = 64 << 20
"""Bytes that the longest answer may have; ten hours make about two megabytes."""


class LocalAnalyzer:
    """Cuts, brightness, motion, colours, faces and loudness by PyAV and OpenCV."""

    def __init__(self, settings: VlmSettings) -> None:
        self._settings = settings

    @property
    def method(self) -> str:
        """See `Analyzer.method`."""
        return METHOD

    async def look(self, path: Path, clip: Clip, progress: Progress) -> Sight:
        """See `Analyzer.look`."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "actors.vlm.adapters.child",
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=_LINE,
            env=_environment(),
        )
        try:
            async with asyncio.timeout(self._settings.vlm_timeout_s):
                return await self._converse(process, self._job(path, clip), progress)
        except TimeoutError:
            raise Reject(
                f"the analysis of the clip took longer than {self._settings.vlm_timeout_s:.0f} s",
                advice="Raise CLIPWIRE_VLM_TIMEOUT_S, or give a shorter clip",
            ) from None
        finally:
            if process.returncode is None:
                process.kill()
            await asyncio.shield(process.wait())

    def _job(self, path: Path, clip: Clip) -> Job:
        settings = self._settings
        return Job(
            path=str(path),
            parent=os.getpid(),
            made_from=clip.media.sha256,
            duration=clip.duration,
            faces_per_s=settings.vlm_faces_per_s,
            threads=settings.vlm_threads,
            memory_mb=settings.vlm_memory_mb,
        )

    async def _converse(self, process: Process, job: Job, progress: Progress) -> Sight:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise RuntimeError("the analysis process has no pipes")
        complaints = asyncio.create_task(_tail(process.stderr))
        try:
            process.stdin.write(job.model_dump_json().encode() + b"\n")
            async for line in process.stdout:
                answer = json.loads(line)
                if "progress" in answer:
                    await progress(answer["progress"], answer["note"])
                elif "reject" in answer:
                    what, advice = answer["reject"]
                    raise Reject(what, advice=advice)
                else:
                    return Sight.model_validate(answer["sight"])
            raise _crashed(await process.wait(), await complaints)
        finally:
            complaints.cancel()


async def _tail(stream: asyncio.StreamReader) -> str:
    """The last 2000 bytes of a stream, which is read to its end so that its writer never waits."""
    tail = b""
    while chunk := await stream.read(4096):
        tail = (tail + chunk)[-2000:]
    return tail.decode(errors="replace").strip()


def _crashed(code: int, complaints: str) -> Retry:
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    last = complaints.splitlines()[-1] if complaints else "it said nothing"
    return Retry(
        f"the analysis process {how}: {last}",
        advice="If it happens again, raise CLIPWIRE_VLM_MEMORY_MB or give the clip in another format",
    )


def _environment() -> dict[str, str]:
    """This environment, with our packages on the path and no threads in numerical libraries."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
