"""The child process that measures how loud the voice band is: `python -m actors.transcriber.adapters.levels`."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

from actors.transcriber.adapters.samples import RATE, blocks
from actors.transcriber.core.envelope import RATE as LEVELS
from runtime.child import Say, limit_memory, serve_child

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["levels", "work"]

_HOP = RATE // LEVELS
_FRAME = 2 * _HOP
_BAND = slice(300 * _FRAME // RATE, 4000 * _FRAME // RATE + 1)
"""300 to 4000 Hz: what telephones carry of a voice (ITU-T G.712) and some sibilants; most of the music lies below."""
_FLOOR = 1e-10  # -100 dBFS


def work(request: dict[str, Any], progress: Say) -> dict[str, Any]:
    """`request`: `path`, `duration` in seconds, `memory_mb`; `levels`: those of `Envelope`, deflated, in base 64."""
    limit_memory(request["memory_mb"])
    measured = bytearray()
    for start, samples in blocks(request["path"], end=request["duration"]):
        measured += levels(samples)
        progress({"done": min(1.0, (start + len(samples) / RATE) / request["duration"])})
    return {"levels": base64.b64encode(zlib.compress(bytes(measured), 1)).decode()}


def levels(samples: NDArray[np.float32]) -> bytes:
    """One level for every hundredth of a second of samples; see `Envelope`."""
    import numpy as np

    count = -(-len(samples) // _HOP)
    padded = np.pad(samples, (_HOP // 2, count * _HOP - len(samples) + _FRAME))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[: count * _HOP : _HOP]
    window = np.hanning(_FRAME).astype(np.float32)
    spectrum = np.fft.rfft(frames * window, axis=1)[:, _BAND]
    # Parseval: twice the half spectrum, by the energy of the window.
    power = 2 * (spectrum.real**2 + spectrum.imag**2).sum(axis=1) / (_FRAME * float((window**2).sum()))
    decibels = 10 * np.log10(np.maximum(power, _FLOOR)) + 100
    told: bytes = np.clip(np.rint(decibels * 2), 0, 255).astype(np.uint8).tobytes()
    return told


if __name__ == "__main__":
    serve_child(work)
