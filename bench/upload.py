"""1 GiB to a server of its own process: through the YouTube adapter, against a bare streaming PUT of httpx."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

SIZE = int(os.environ.get("CLIPWIRE_BENCH_UPLOAD_MB", "1024")) << 20
ROUNDS = 3


async def main() -> dict[str, float]:
    """Both sides in turn, each in a process of its own; print the rates and the memory, return the figures."""
    return await asyncio.to_thread(_main)


def _main() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        with film.open("wb") as file:
            file.truncate(SIZE)  # a hole: reading it costs no disk
        server = subprocess.Popen([sys.executable, "-m", "bench.upload_server"], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            _send("bare", url, film)  # once for the page cache and the kernel's buffers
            rounds = [(_send("adapter", url, film), _send("bare", url, film)) for _ in range(ROUNDS)]
        finally:
            server.terminate()
            server.wait()
    ratios = [bare["seconds"] / ours["seconds"] for ours, bare in rounds]
    rates = [median(SIZE / side["seconds"] / (1 << 20) for side in sides) for sides in zip(*rounds, strict=True)]
    peaks = [max(side["peak_mib"] for side in sides) for sides in zip(*rounds, strict=True)]
    print(f"{SIZE >> 20} MiB, {ROUNDS} rounds: adapter {rates[0]:.0f} MiB/s, bare PUT {rates[1]:.0f} MiB/s")
    print(f"  {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) of the rate of the bare PUT; gate 0.90")
    print(f"  peak memory {peaks[0]:.0f} MiB (gate 143, which is 150 MB), bare PUT {peaks[1]:.0f} MiB")
    return {"ratio": median(ratios), "rate_mib_s": rates[0], "peak_mib": peaks[0]}


def _send(side: str, url: str, film: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.upload_client", side, url, str(film)], check=True, stdout=subprocess.PIPE
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    asyncio.run(main())
