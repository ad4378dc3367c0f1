"""The child that reads the sound: `python -m actors.transcriber.adapters.sound_child`, started by `sound.py`."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

from runtime.children import Say, limit_memory, serve_child

if TYPE_CHECKING:
    import av
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["levels_of", "work"]

_RATE = 8000
"""Samples a second: all of the voice band (300 to 3400 Hz, ITU-T G.712) and no more work than that."""
_BLOCK = _RATE // 100
_BAND = "highpass=f=200:p=2"
_JUMP = _RATE // 20  # samples by which times may be off before they are believed
_LONGEST = 48 * 3600 * _RATE
_TELL_S = 60.0


def work(request: dict[str, Any], progress: Say) -> dict[str, Any]:
    """`request`: `path`, `memory_mb`; the result's `levels` are those of `Envelope`, deflated, in base 64."""
    limit_memory(request["memory_mb"])
    return {"levels": base64.b64encode(zlib.compress(levels_of(request["path"], progress), 1)).decode()}


def levels_of(path: str, progress: Say) -> bytes:
    """RMS of the voice band in 30 ms around every hundredth of a second; see `Envelope`. Empty: there is no sound."""
    import av

    meter = _Meter()
    told = 0.0
    with av.open(path, options={"protocol_whitelist": "file"}, metadata_errors="ignore") as container:
        stream = container.streams.best("audio")
        if stream is None:
            return b""
        stream.codec_context.thread_count = 1
        start = (container.start_time or 0) / av.time_base
        try:
            for packet in container.demux(stream):
                try:
                    for frame in packet.decode():
                        meter.push(frame, start)
                except (av.FFmpegError, ValueError):  # a broken packet is a short silence
                    continue
                if meter.at - told > _TELL_S:
                    told = meter.at
                    progress({"at": told})
        except av.FFmpegError:  # the file ends in rubbish; what was heard so far counts
            pass
    return meter.levels()


class _Meter:
    """Power of every hundredth of a second; 4 bytes each, whatever the sound is."""

    def __init__(self) -> None:
        import numpy as np

        self._np = np
        self._power: list[NDArray[np.float32]] = []
        self._rest: NDArray[np.float32] = np.empty(0, np.float32)
        self._samples = 0
        self._format: tuple[Any, ...] = ()
        self._graph: av.filter.Graph | None = None  # a filter keeps only a weak reference to its graph

    @property
    def at(self) -> float:
        """Seconds that were heard."""
        return self._samples / _RATE

    def push(self, frame: av.AudioFrame, start: float) -> None:
        import av

        if frame.pts is None or not frame.sample_rate:
            return
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._format or self._graph is None:
            self._format, self._graph = shape, _graph(frame)
        self._graph.push(frame)
        while True:
            try:
                part = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(part, av.AudioFrame) and part.pts is not None and part.time_base is not None:
                self._add(part.to_ndarray()[0], round((float(part.pts * part.time_base) - start) * _RATE))

    def _add(self, samples: NDArray[np.float32], begin: int) -> None:
        """`begin`: the sample of the clip that is the first one. Gaps are silent, what overlaps is left out."""
        if begin - self._samples > _JUMP and begin < _LONGEST:
            self._take(self._np.zeros(begin - self._samples, self._np.float32))
        elif self._samples - begin > _JUMP:
            samples = samples[self._samples - begin :]
        self._take(samples)

    def _take(self, samples: NDArray[np.float32]) -> None:
        self._samples += len(samples)
        joined = self._np.concatenate([self._rest, samples])
        whole = len(joined) // _BLOCK * _BLOCK
        blocks = joined[:whole].reshape(-1, _BLOCK)
        self._power.append(self._np.einsum("ij,ij->i", blocks, blocks) / _BLOCK)
        self._rest = joined[whole:]

    def levels(self) -> bytes:
        np = self._np
        power = np.concatenate([*self._power, np.empty(0, np.float32)])
        if not len(power):
            return b""
        padded = np.pad(power, 1, mode="edge")
        smooth = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
        decibels = 10 * np.log10(np.maximum(smooth, 1e-10)) + 100
        levels: bytes = np.clip(np.rint(decibels * 2), 0, 255).astype(np.uint8).tobytes()
        return levels


def _graph(frame: av.AudioFrame) -> av.filter.Graph:
    import av

    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=frame.time_base
    )
    nodes = [
        source,
        graph.add("aresample", str(_RATE)),
        graph.add("aformat", f"sample_fmts=flt:sample_rates={_RATE}:channel_layouts=mono"),
        graph.add(*_BAND.split("=", 1)),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes)
    graph.configure()
    return graph


if __name__ == "__main__":
    serve_child(work)
