"""The child process that cuts a part out of a recording: `python -m actors.transcriber.adapters.cutting`.

FLAC, 16 kHz, mono: what speech models listen to, without loss, and read by every transcription service.
"""

from __future__ import annotations

from typing import Any

from actors.transcriber.adapters.samples import RATE, blocks
from runtime.child import Say, limit_memory, serve_child

__all__ = ["work"]


def work(request: dict[str, Any], progress: Say) -> dict[str, Any]:
    """`request`: `path`, `start` and `end` in seconds, `to` and `memory_mb`. The result is empty."""
    import av
    import numpy as np

    limit_memory(request["memory_mb"])
    with av.open(request["to"], "w", format="flac") as flac:
        stream = flac.add_stream("flac", rate=RATE, layout="mono")
        stream.format = "s16"
        for _, samples in blocks(request["path"], request["start"], end=request["end"]):
            whole = np.clip(np.rint(samples * 32767), -32768, 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = RATE
            flac.mux(stream.encode(frame))
        flac.mux(stream.encode(None))
    return {}


if __name__ == "__main__":
    serve_child(work)
