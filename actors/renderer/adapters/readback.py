"""Reading a finished file as a player would: every packet, all of its sound, and as many pictures as cost little."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.error import FFmpegError

from actors.renderer.adapters.planes import planes_of
from actors.renderer.core.verdict import Found

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame

__all__ = ["atoms_of", "grid_of", "is_dark", "read_back"]

ROWS, COLUMNS = 16, 8
"""Of so many rows and columns of a picture one is looked at."""
BLACK_LEVEL, BLACK_SHARE = 38, 0.98
"""A picture is black where so many pixels are at most so bright: 10 % of limited range, as FFmpeg's blackdetect."""
SILENCE, SILENT_S = 0.001, 1.0
"""-60 dBFS, and for how long it must not be louder."""
LEAST_TAIL, TAIL = 12, 6
"""How many packets from the last keyframe on are decoded: a sixth of all at most, which costs a fiftieth of a render.
From 24 s on that is everything up to the last picture."""
STEADY = 0.001
"""Seconds that a picture's time may be off: what a container's clock rounds."""


@dataclass
class _Times:
    """What is learnt from the packets of one stream. Seconds."""

    count: int = 0
    before: int | None = None
    falling: int | None = None
    shown: list[float] = field(default_factory=list)
    end: float = 0.0
    keys: list[int] = field(default_factory=list)

    def add(self, packet: Packet[Any]) -> None:
        if self.before is not None and packet.dts is not None and packet.dts <= self.before and self.falling is None:
            self.falling = packet.dts
        self.before, self.count = packet.dts, self.count + 1
        if packet.pts is not None and packet.time_base is not None:
            self.shown.append(float(packet.pts * packet.time_base))
            self.end = max(self.end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if packet.is_keyframe:
                self.keys.append(packet.pts)


@dataclass
class _Packets:
    """What is learnt without decoding anything."""

    streams: tuple[int, int]
    size: tuple[int, int] = (0, 0)
    pixels: str = ""
    video: _Times = field(default_factory=_Times)
    audio: _Times = field(default_factory=_Times)
    sound: str = ""

    @property
    def falling(self) -> tuple[str, int] | None:
        falls = (("picture", self.video.falling), ("sound", self.audio.falling))
        return next(((kind, at) for kind, at in falls if at is not None), None)


def read_back(path: Path) -> Found:
    """What a finished MP4 holds: atoms, streams, timestamps, all of the sound, keyframes and what follows the last.

    Raises `FFmpegError` for what is no media file at all.
    """
    packets = _packets(path)
    with ThreadPoolExecutor(3, "readback") as pool:  # nobody else uses the processors now
        hearing = pool.submit(_listened, path) if packets.streams[1] else None
        looking = (pool.submit(_keyframes, path), pool.submit(_tail, path, packets.video)) if packets.streams[0] else ()
    listened = hearing.result() if hearing else _Heard()
    looked = [each.result() for each in looking]
    start = min(packets.video.shown, default=0.0)
    return Found(
        atoms=tuple(atoms_of(path)),
        video_streams=packets.streams[0],
        audio_streams=packets.streams[1],
        size=packets.size,
        pixels=packets.pixels,
        frames=packets.video.count,
        sound=packets.sound,
        steady=_steady(packets.video.shown),
        falling=packets.falling,
        video_start=start,
        video_seconds=max(0.0, packets.video.end - start),
        audio_start=listened.start,
        audio_seconds=listened.seconds,
        decoded=sum(each.decoded for each in looked),
        broken=sum(each.broken for each in looked),
        unheard=listened.broken,
        dark=all(each.dark for each in looked),
        looked_at=tuple(sorted({time for each in looked for time in each.shown})),
        silent=tuple(listened.silent),
    )


def _packets(path: Path) -> _Packets:
    heard = sha256()
    with av.open(str(path)) as container:
        found = _Packets((len(container.streams.video), len(container.streams.audio)))
        for stream in container.streams.video[:1]:
            context = stream.codec_context
            found.size, found.pixels = (context.width, context.height), context.pix_fmt or ""
        for packet in container.demux():
            if packet.dts is None:
                continue
            if packet.stream.type == "video":
                found.video.add(packet)
            elif packet.stream.type == "audio":
                found.audio.add(packet)
                heard.update(bytes(packet))
    found.sound = heard.hexdigest()
    return found


def _steady(times: list[float]) -> bool:
    steps = np.diff(np.sort(np.array(times)))
    return not steps.size or float(np.ptp(steps)) <= 2 * STEADY


@dataclass
class _Heard:
    start: float = 0.0
    seconds: float = 0.0
    broken: int = 0
    silent: list[tuple[float, float]] = field(default_factory=list)


def _listened(path: Path) -> _Heard:
    """The sound as a player has it, without the encoder's run-up: its begin, its length, and where it is silent."""
    heard = _Heard()
    began: float | None = None
    clock: float | None = None
    with av.open(str(path)) as container:
        for frame in _decoded(container.demux(container.streams.audio[0]), heard):
            if clock is None:
                heard.start = clock = frame.time or 0.0
            quiet = float(np.abs(frame.to_ndarray()).max(initial=0.0)) < SILENCE
            if quiet and began is None:
                began = clock
            elif not quiet and began is not None:
                _keep(heard.silent, began, clock)
                began = None
            clock += frame.samples / frame.sample_rate
    if began is not None and clock is not None:
        _keep(heard.silent, began, clock)
    heard.seconds = (clock or heard.start) - heard.start
    return heard


def _keep(spans: list[tuple[float, float]], start: float, end: float) -> None:
    if end - start >= SILENT_S - 1e-9:
        spans.append((max(0.0, start), end))


@dataclass
class _Looked:
    decoded: int = 0
    broken: int = 0
    dark: bool = True
    shown: set[float] = field(default_factory=set)

    def at(self, frames: Iterator[VideoFrame]) -> None:
        for frame in frames:
            if frame.is_corrupt:
                self.broken += 1
                continue
            self.decoded += 1
            self.shown.add(frame.time or 0.0)
            self.dark = self.dark and is_dark(grid_of(planes_of(frame)[0]))


def _keyframes(path: Path) -> _Looked:
    looked = _Looked()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        looked.at(_decoded(container.demux(stream), looked))
    return looked


def _tail(path: Path, packets: _Times) -> _Looked:
    """From the last keyframe towards the end what other pictures refer to."""
    looked = _Looked()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONREF"
        stream.codec_context.options = {"skip_loop_filter": "all"}
        stream.codec_context.thread_type = "FRAME"
        if len(packets.keys) > 1:
            container.seek(packets.keys[-1], stream=stream)
        looked.at(_decoded(islice(container.demux(stream), max(LEAST_TAIL, packets.count // TAIL)), looked))
    return looked


def _decoded(packets: Iterable[Packet[Any]], seen: _Heard | _Looked) -> Iterator[Any]:
    """Every frame that decodes; the packets that do not are counted."""
    for packet in packets:
        try:
            frames = packet.decode()
        except FFmpegError:
            seen.broken += 1
            continue
        yield from frames


def is_dark(grid: Any, share: float = BLACK_SHARE) -> bool:
    """Whether there is nothing to see in a luma plane or a part of it: so large a share of it is black."""
    return bool(np.count_nonzero(grid <= BLACK_LEVEL) >= share * grid.size)


def grid_of(luma: Any) -> Any:
    """The pixels of a luma plane that are looked at."""
    return luma[::ROWS, ::COLUMNS].astype(np.int16)


def atoms_of(path: Path) -> list[str]:
    """Names of the top-level boxes of an MP4 (ISO/IEC 14496-12, 4.2), without free space."""
    names = []
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size = int.from_bytes(head[:4], "big")
            if size == 1:
                size = int.from_bytes(file.read(8), "big") - 8
            if head[4:] != b"free":
                names.append(head[4:].decode("latin-1"))
            if size < 8:
                break
            file.seek(size - 8, 1)
    return names
