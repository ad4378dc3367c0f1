"""Integrated loudness of a sound stream, by FFmpeg's `ebur128` filter (EBU R128, ITU-R BS.1770)."""

from __future__ import annotations

from typing import Any

__all__ = ["LoudnessMeter"]

_FLOOR = -70.0  # the absolute gate of BS.1770: what is below it is silence


class LoudnessMeter:
    """Is fed packets, in order; `integrated()` in the end. `broken`: hardly anything could be decoded."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._graph: Any = None
        self._format: tuple[Any, ...] = ()
        self._lufs: float | None = None
        self._good = 0
        self._bad = 0

    @property
    def broken(self) -> bool:
        """More packets were refused by the decoder than taken."""
        return self._bad > self._good

    def hear(self, packet: Any) -> None:
        """Decode a packet and measure what is in it; a damaged one is counted and left out."""
        import av

        try:
            frames = packet.decode()
        except av.FFmpegError:
            self._bad += 1
            return
        self._good += 1
        for frame in frames:
            self._push(frame)

    def integrated(self) -> float | None:
        """Loudness in LUFS; none for silence, or if there was nothing to hear."""
        if self._lufs is None or self._lufs <= _FLOOR:
            return None
        return round(self._lufs, 2)

    def _push(self, frame: Any) -> None:
        import av

        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._format:
            if self._format:
                return  # a change in the middle would begin a new measurement; the first part stands for the whole
            self._format, self._graph = shape, _graph(shape, self._stream.time_base)
        frame.pts = None  # the meter counts samples; jumping times would be refused
        self._graph.push(frame)
        while True:
            try:
                out = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            value = out.metadata.get("lavfi.r128.I")
            if value is not None:
                self._lufs = float(value)


def _graph(shape: tuple[Any, ...], time_base: Any) -> Any:
    import av
    import av.filter

    graph = av.filter.Graph()
    source = graph.add_abuffer(format=shape[0], layout=shape[1], sample_rate=shape[2], time_base=time_base)
    meter = graph.add("ebur128", "metadata=1:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph
