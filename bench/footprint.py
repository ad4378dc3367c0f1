"""Seconds from `clipwire up` to ready, and the memory of all its processes when nothing is to be done."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

SETTLE_S = 10
IDLE_S = 10
READY_WITHIN_S = 120
MIB = 1 << 20


async def main() -> dict[str, float]:
    """Start twice: the first start makes the data folders, the second is the everyday one."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        first, _ = await _run(Path(folder), look=False)
        again, idle = await _run(Path(folder), look=True)
    print(f"clipwire up to ready: first start {first:.1f} s, later starts {again:.1f} s")
    print(
        f"idle, {idle['processes']:.0f} processes: {idle['pss_mib']:.0f} MiB, {idle['cpu_percent']:.1f} % of one core"
    )
    return {"first_s": first, "again_s": again, **idle}


async def _run(home: Path, *, look: bool) -> tuple[float, dict[str, float]]:
    environment = {**os.environ, "CLIPWIRE_HOME": str(home), "CLIPWIRE_HTTP_PORT": "0", "CLIPWIRE_LOG_LEVEL": "warning"}
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    up = subprocess.Popen([sys.executable, "-m", "cli", "up"], env=environment, stdout=quiet, stderr=quiet)
    try:
        while not (home / "run.json").exists() or json.loads((home / "run.json").read_text())["pid"] != up.pid:
            if up.poll() is not None or time.perf_counter() - began > READY_WITHIN_S:
                raise SystemExit("bench: clipwire up did not become ready")
            await asyncio.sleep(0.02)
        ready = time.perf_counter() - began
        return ready, await _idle(up.pid) if look else {}
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait()


async def _idle(pid: int) -> dict[str, float]:
    """Proportional set size counts a page that several processes share once."""
    await asyncio.sleep(SETTLE_S)
    parent = psutil.Process(pid)
    family = [parent, *parent.children(recursive=True)]
    before = sum(sum(process.cpu_times()[:2]) for process in family)
    await asyncio.sleep(IDLE_S)
    after = sum(sum(process.cpu_times()[:2]) for process in family)
    pss = sum(process.memory_full_info().pss for process in family)
    return {"processes": len(family), "pss_mib": pss / MIB, "cpu_percent": 100 * (after - before) / IDLE_S}


if __name__ == "__main__":
    asyncio.run(main())
