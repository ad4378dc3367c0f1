"""One process from start to end: seconds, processor time, memory. And what is to be known of the file that it made."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median

from actors.renderer.adapters.child import LEAN
from actors.renderer.adapters.job import NICENESS, Order
from actors.renderer.ports import Job as RenderJob
from actors.renderer.ports import Output
from bench.render_inputs import ffmpeg
from bench.render_job import WIDTH, Job, timeline

__all__ = ["Facts", "Run", "agreement", "facts", "ratio", "run", "run_ours", "vmaf"]

OURS = "actors.renderer.adapters.job"
ROOT = str(Path(__file__).resolve().parents[1])
MEMORY_MB = 8192
MAX_PIXELS = 36_000_000
ABOVE_CAPTIONS = f"crop={WIDTH}:1088:0:0"


@dataclass(frozen=True)
class Run:
    """Wall-clock seconds; user and system seconds with all its children; peak of the largest process in MiB."""

    wall: float
    cpu: float
    peak_mb: float


@dataclass(frozen=True)
class Facts:
    """What a finished file is."""

    size: tuple[int, int]
    frames: int
    seconds: float
    loudness: float
    true_peak: float
    kbit_s: float
    """Of the picture alone."""


def run(command: Sequence[str]) -> Run:
    """A process at the niceness of our renderer; raises `SystemExit` with what it said where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(
        ["/usr/bin/env", "nice", "-n", str(NICENESS), *command],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    return _ended(process, began, said.decode("utf-8", "replace"))


def run_ours(job: Job, target: Path, module: str = OURS) -> Run:
    """Our renderer's child process, as the actor starts it; the file of a further shape lies beside `target`."""
    outputs = tuple(
        Output(shape=shape, video=named, thumbnail=named.with_suffix(".jpg"))
        for shape in (None, *job.shapes)
        for named in [beside(target, shape)]
    )
    order = Order(job=RenderJob(timeline=timeline(job)), outputs=outputs, memory_mb=MEMORY_MB, max_pixels=MAX_PIXELS)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        env={**_environment(), **LEAN},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(order.model_dump_json().encode() + b"\n")
    process.stdin.flush()
    answers = [json.loads(line) for line in process.stdout]
    failed = "no answer" if not answers else str(answers[-1].get("failure", ""))
    with process.stdin:  # open until the child is gone: it takes the end of it for the end of its parent
        return _ended(process, began, failed, wrong=bool(failed))


def beside(target: Path, shape: str | None) -> Path:
    """Where a further shape goes."""
    return target if shape is None else target.with_stem(f"{target.stem}-{shape.replace(':', 'x')}")


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": ROOT, "PYTHONUNBUFFERED": "1"}


def _ended(process: subprocess.Popen[bytes], began: float, said: str, *, wrong: bool = False) -> Run:
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or wrong:
        raise SystemExit(f"bench: exit code {process.returncode}: {said[-2000:]}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def ratio(ours: Sequence[Run], theirs: Sequence[Run], what: str) -> tuple[float, float, float]:
    """Median, least and largest of the ratios of pairs that ran one after the other. `what`: `wall` or `cpu`."""
    ratios = [getattr(a, what) / getattr(b, what) for a, b in zip(ours, theirs, strict=True)]
    return median(ratios), min(ratios), max(ratios)


def facts(path: Path) -> Facts:
    """Read from the file: pictures and their bits are counted, the sound is measured as a player has it."""
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        size = (stream.codec_context.width, stream.codec_context.height)
        packets = [packet.size for packet in container.demux(stream) if packet.size]
        seconds = float((stream.duration or 0) * (stream.time_base or Fraction(0)))
    said = _said(["-i", str(path), "-map", "0:a", "-af", "ebur128=peak=true", "-f", "null", "-"]).rpartition("Summary")[
        2
    ]
    return Facts(
        size=size,
        frames=len(packets),
        seconds=seconds,
        loudness=_number(r"I:\s+(-?[\d.]+) LUFS", said),
        true_peak=_number(r"Peak:\s+(-?[\d.]+) dBFS", said),
        kbit_s=sum(packets) * 8 / 1000 / seconds,
    )


def agreement(ours: Path, theirs: Path) -> float:
    """SSIM of two results above their captions."""
    graph = f"[0:v]{ABOVE_CAPTIONS}[a];[1:v]{ABOVE_CAPTIONS}[b];[a][b]ssim"
    return _number(r"All:([\d.]+)", _said(["-i", str(ours), "-i", str(theirs), "-lavfi", graph, "-f", "null", "-"]))


def vmaf(path: Path, reference: Path) -> tuple[float, float]:
    """VMAF and SSIM of a result against the same work without loss."""
    graph = (
        "[0:v]settb=AVTB,setpts=N/30/TB,split[a][b];[1:v]settb=AVTB,setpts=N/30/TB,split[c][d];"
        f"[a][c]libvmaf=n_threads={os.cpu_count()}:n_subsample=2;[b][d]ssim"
    )
    said = _said(["-i", str(path), "-i", str(reference), "-lavfi", graph, "-f", "null", "-"])
    return _number(r"VMAF score: ([\d.]+)", said), _number(r"All:([\d.]+)", said)


def _said(arguments: Sequence[str]) -> str:
    done = subprocess.run([ffmpeg(), "-hide_banner", "-nostats", *arguments], check=True, capture_output=True)
    return done.stderr.decode("utf-8", "replace")


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"bench: ffmpeg did not say {pattern}: {text[-500:]}")
    return float(found[1])
