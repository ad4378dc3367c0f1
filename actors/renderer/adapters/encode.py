"""Encoding and writing: H.264 and AAC in an MP4 whose index stands in front."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from actors.renderer.adapters.encoders.encoder import Encoder
from actors.renderer.adapters.encoders.room import make_room
from actors.renderer.adapters.packets import Packets
from actors.renderer.adapters.sound import AAC_BITRATE, AAC_OPTIONS, RATE
from contracts.style import Quality

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame

__all__ = ["Muxer", "Writer", "add_video", "encoder_label"]


def encoder_label(quality: Quality, encoder: Encoder) -> str:
    """The encoders and their settings, for a person."""
    return f"{encoder.label(quality)}, aac {AAC_BITRATE // 1000}k; PyAV {av.__version__}"


def add_video(
    container: OutputContainer, size: tuple[int, int], fps: int, quality: Quality, encoder: Encoder
) -> VideoStream:
    """A stream of pictures of a size (width, height), BT.709 in limited range, square pixels, constant rate."""
    if encoder.hardware:
        make_room()
    options = encoder.options(quality, size, fps)
    stream = cast("VideoStream", container.add_stream(encoder.name, rate=fps, options=options))
    context = stream.codec_context
    context.width, context.height = size
    context.pix_fmt = encoder.pixels
    context.time_base = Fraction(1, fps)
    if not encoder.hardware:
        context.thread_type = "FRAME"  # the default, slices, is slower and worse
        context.thread_count = os.cpu_count() or 1  # x264's own choice is half as many more, each with its pictures
    context.sample_aspect_ratio = Fraction(1, 1)
    context.colorspace, context.color_range = int(Colorspace.ITU709), int(ColorRange.MPEG)
    context.color_primaries, context.color_trc = int(ColorPrimaries.BT709), int(ColorTrc.BT709)
    return stream


class Muxer:
    """One MP4 being written, its index in front: packets of pictures go in as they come, those of the sound once."""

    def __init__(self, path: Path, add: Callable[[OutputContainer], VideoStream]) -> None:
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._video = add(self._container)
        self._audio = self._container.add_stream("aac", rate=RATE, options=AAC_OPTIONS, layout="stereo")
        self._audio.codec_context.bit_rate = AAC_BITRATE
        self._waiting = Packets(path.parent)
        self._sound: Iterator[Packet[Any]] | None = None
        self._next: Packet[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def sound(self, packets: Packets) -> None:
        """Give the sound. Until then pictures wait: a file is interleaved by time."""
        self._sound = iter(packets)
        self._next = next(self._sound, None)
        self.put(self._waiting)

    def put(self, packets: Iterable[Packet[Any]]) -> None:
        """Write packets of pictures, in the order in which they are decoded."""
        if self._sound is None:
            self._waiting.extend(packets)
            return
        for packet in packets:
            self._sound_until(_seconds(packet))
            packet.stream = self._video
            self._container.mux(packet)

    def finish(self) -> None:
        """Write what is left; to be called after the last picture and after `sound`."""
        self._sound_until(math.inf)

    def _sound_until(self, time: float) -> None:
        while self._sound is not None and self._next is not None and _seconds(self._next) <= time:
            self._next.stream = self._audio
            self._container.mux(self._next)
            self._next = next(self._sound, None)


def _seconds(packet: Packet[Any]) -> float:
    """When a packet is decoded."""
    return (packet.dts or 0) * float(packet.time_base or 0)


class Writer(Muxer):
    """Encodes pictures into an MP4. Several can be fed with the same sound."""

    def __init__(self, path: Path, size: tuple[int, int], fps: int, quality: Quality, encoder: Encoder) -> None:
        super().__init__(path, lambda container: add_video(container, size, fps, quality, encoder))
        self._rate = Fraction(1, fps)

    def picture(self, frame: VideoFrame, number: int) -> None:
        """Encode one picture of `yuv420p` as number `number`."""
        frame.pts, frame.time_base = number, self._rate
        frame.pict_type = 0  # the source's choice of keyframes is not ours
        self._put_encoded(frame)

    def finish(self) -> None:
        """Flush; to be called after the last picture and after `sound`."""
        self._put_encoded(None)
        super().finish()

    def _put_encoded(self, frame: VideoFrame | None) -> None:
        packets = self._video.encode(frame)
        for packet in packets:
            packet.duration = packet.duration or 1  # in pictures; an encoder need not tell
        self.put(packets)
