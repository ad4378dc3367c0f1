"""Choosing an encoder: the first that really encodes pictures of the ordered sizes, in a process of its own.

A driver that hangs or crashes takes its trial with it and nothing else: that encoder does not work here.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from actors.renderer.adapters.encoders.encoder import ENCODERS, SOFTWARE, Encoder, present
from contracts.style import Quality
from runtime.child import die_with_parent

__all__ = ["choose_encoder", "trouble"]

_TRIAL = "actors.renderer.adapters.encoders.trial"
TRIAL_S = 20.0
"""A driver that has not encoded eight pictures by then is not worth waiting for."""
_HANGS = "it gave no picture within"
_ROOT = str(Path(__file__).resolve().parents[4])

Sizes = tuple[tuple[int, int], ...]


@functools.cache
def choose_encoder(
    wanted: str | None = None,
    sizes: Sizes = ((1080, 1920),),
    fps: int = 30,
    quality: Quality = "fast",
) -> Encoder:
    """The encoder for files of these sizes (width, height), all of them at once. Answered once per process.

    Costs nothing on a machine without a device, else about a second; blocks. Imports nothing heavy, so that a process
    which outlives its renders can ask, and tell them.

    `wanted`: the name of one encoder, or None (also `auto`) for the best that works. One that is wanted by name and
    does not work is replaced by x264, which `Encoder.remarks` says, with the reason.
    """
    named = None if wanted in {None, "auto"} else wanted
    if named == SOFTWARE:
        return Encoder()
    if named is not None and named not in ENCODERS:
        return Encoder(remarks=(_replaced(named, "it is not known; use one of " + ", ".join(ENCODERS)),))
    why = ""
    for name in (named,) if named else tuple(name for name in ENCODERS if name != SOFTWARE):
        if not present(name):
            why = "this machine has no such device"
            continue
        for way in range(len(ENCODERS[name].ways)):
            encoder = Encoder(name=name, way=way)
            if not (why := trouble(encoder, sizes, fps, quality)):
                return encoder
            if why.startswith(_HANGS):
                break  # it would again
    return Encoder(remarks=(_replaced(named, why),) if named else ())


def _replaced(name: str, why: str) -> str:
    return f"The encoder {name} does not work here ({why}): {SOFTWARE} was used"


def trouble(
    encoder: Encoder,
    sizes: Sizes,
    fps: int,
    quality: Quality,
    *,
    command: tuple[str, ...] = (sys.executable, "-m", _TRIAL),
    timeout_s: float = TRIAL_S,
) -> str:
    """Why an encoder does not work; empty: it does. `command`: the program that tries it, as `trial` does."""
    order = {"encoder": encoder.model_dump(), "sizes": sizes, "fps": fps, "quality": quality}
    try:
        ended = subprocess.run(
            command,
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, "PYTHONPATH": _ROOT},
            preexec_fn=die_with_parent(signal.SIGKILL),  # it makes two system calls and takes no lock
        )
    except subprocess.TimeoutExpired:
        return f"{_HANGS} {timeout_s:g} s"
    if ended.returncode == 0:
        return ""
    if ended.returncode < 0:
        return f"its driver crashed with {signal.Signals(-ended.returncode).name}"
    lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else f"exit code {ended.returncode}"
