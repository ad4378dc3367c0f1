"""Puts a separate picture and sound into one file, packet by packet, without encoding anything."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from pathlib import Path
from typing import Any

from actors.downloader.adapters.opening import open_media
from runtime.opening import packets_of

__all__ = ["remux"]

_MP4 = frozenset({"h264", "hevc", "av1", "aac", "mp3", "ac3", "eac3", "opus", "mpeg4"})


def remux(files: list[Path], folder: Path) -> Path:
    """The first picture and sound of `files`, together in `folder`: MP4 where it takes the codecs, else Matroska."""
    inputs = [open_media(file) for file in files]
    try:
        streams: list[Any] = [
            stream for kind in ("video", "audio") for source in inputs for stream in getattr(source.streams, kind)[:1]
        ]
        names = {stream.codec_context.name for stream in streams}
        path = folder / ("whole.mp4" if names <= _MP4 else "whole.mkv")
        _write(path, streams)
    finally:
        for source in inputs:
            source.close()
    return path


def _write(path: Path, streams: list[Any]) -> None:
    import av

    with av.open(str(path), "w") as output:
        targets = [output.add_stream_from_template(stream) for stream in streams]
        packets = merge(*(_packets(i, stream) for i, stream in enumerate(streams)), key=lambda item: item[0])
        for _, index, packet in packets:
            packet.stream = targets[index]
            output.mux(packet)


def _packets(index: int, stream: Any) -> Iterator[tuple[float, int, Any]]:
    """The packets of a stream with their time in seconds, for interleaving."""
    for packet in packets_of(stream.container, [stream]):
        if packet.dts is not None:
            yield float(packet.dts * packet.time_base), index, packet
