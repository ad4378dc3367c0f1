"""The child process that finds out where somebody speaks: `python -m actors.transcriber.adapters.hearing`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from actors.transcriber.adapters.samples import RATE, blocks
from actors.transcriber.core.speech import stretches
from runtime.child import Say, limit_memory, serve_child

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["work"]

_WINDOW = 512  # samples; what Silero's model takes at 16 kHz
_WARM = 31  # windows (a second) that it hears again at the begin of a block, because it begins without memory
_SILENT = 1e-3  # RMS: -60 dBFS
_LOUD = 3.2e-3  # RMS: -50 dBFS


def work(request: dict[str, Any], progress: Say) -> dict[str, Any]:
    """`request`: `path`, `duration`, `memory_mb` and `vad`; without it whatever is louder than -50 dBFS is speech.

    The result's `speech` has start and end of every stretch, in seconds.
    """
    limit_memory(request["memory_mb"])
    probabilities = _probabilities(request["path"], request["duration"], vad=request["vad"], progress=progress)
    found = stretches(probabilities, _WINDOW / RATE)
    return {"speech": [[round(s.start, 3), min(request["duration"], round(s.end, 3))] for s in found]}


def _probabilities(path: str, duration: float, *, vad: bool, progress: Say) -> Iterator[float]:
    """Of speech in every window. Silence is told by its level alone: ten hours of it take a minute."""
    import numpy as np

    before = np.zeros(_WARM * _WINDOW, np.float32)
    # Blocks of whole windows, so that none begins within one.
    for start, block in blocks(path, end=duration, seconds=1000 * _WINDOW / RATE):
        samples = np.pad(block, (0, -len(block) % _WINDOW))
        windows = samples.reshape(-1, _WINDOW)
        level = np.sqrt(np.einsum("ij,ij->i", windows, windows) / _WINDOW)
        if not vad:
            yield from (level > _LOUD).astype(float).tolist()
        elif (level > _SILENT).any():
            yield from _silero(np.concatenate([before, samples]))[_WARM:].tolist()
        else:
            yield from (0.0 for _ in windows)
        before = samples[-_WARM * _WINDOW :]
        before = np.pad(before, (_WARM * _WINDOW - len(before), 0))
        progress({"done": min(1.0, (start + len(block) / RATE) / duration)})


def _silero(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    from faster_whisper.vad import get_vad_model

    told: NDArray[np.float32] = get_vad_model()(samples)
    return told.reshape(-1)


if __name__ == "__main__":
    serve_child(work)
