"""Encoding and writing: H.264 and AAC in an MP4 whose index stands in front."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import av
from av.packet import Packet
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from actors.renderer.adapters.encoders.encoder import Encoder
from actors.renderer.adapters.samples import RATE
from actors.renderer.adapters.sound import AAC_BITRATE, AAC_OPTIONS
from contracts.style import Quality

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.stream import Stream
    from av.video.frame import VideoFrame

__all__ = ["Writer", "add_video", "copied", "encoder_label"]


def encoder_label(quality: Quality, encoder: Encoder) -> str:
    """The encoders and their settings, for a person."""
    return f"{encoder.label(quality)}, aac {AAC_BITRATE // 1000}k; PyAV {av.__version__}"


def add_video(
    container: OutputContainer, size: tuple[int, int], fps: int, quality: Quality, encoder: Encoder
) -> VideoStream:
    """A stream of pictures of a size (width, height), BT.709 in limited range, square pixels, constant rate."""
    stream = container.add_stream(encoder.name, rate=fps, options=encoder.options(quality, size, fps))
    assert isinstance(stream, VideoStream)  # noqa: S101  # what a name of an H.264 encoder gives; this tells mypy
    context = stream.codec_context
    context.width, context.height = size
    context.pix_fmt = encoder.pixels
    context.time_base = Fraction(1, fps)
    if not encoder.hardware:
        context.thread_type = "FRAME"  # the default, slices, is slower and worse
    context.sample_aspect_ratio = Fraction(1, 1)
    context.colorspace, context.color_range = int(Colorspace.ITU709), int(ColorRange.MPEG)
    context.color_primaries, context.color_trc = int(ColorPrimaries.BT709), int(ColorTrc.BT709)
    return stream


class Writer:
    """One MP4 being written: pictures go in as they come, the sound's packets once they are there.

    Several can be fed with the same packets: each takes copies of them.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: int, quality: Quality, encoder: Encoder) -> None:
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._rate = Fraction(1, fps)
        self._video = add_video(self._container, size, fps, quality, encoder)
        self._audio = self._container.add_stream("aac", rate=RATE, options=AAC_OPTIONS, layout="stereo")
        self._audio.codec_context.bit_rate = AAC_BITRATE
        self._waiting: list[Packet[Any]] = []
        self._sound: deque[Packet[Any]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def picture(self, frame: VideoFrame, number: int) -> None:
        """Encode one picture of `yuv420p` as number `number`."""
        frame.pts, frame.time_base = number, self._rate
        frame.pict_type = 0  # the source's choice of keyframes is not ours
        self._put(self._video.encode(frame))

    def sound(self, packets: Sequence[Packet[Any]]) -> None:
        """Give the sound. Until then encoded pictures wait: a file is interleaved by time."""
        self._sound = deque(packets)
        waiting, self._waiting = self._waiting, []
        self._put(waiting)

    def finish(self) -> None:
        """Flush; to be called after the last picture and after `sound`."""
        self._put(self._video.encode(None))
        for packet in self._sound or ():
            self._mux_sound(packet)
        self._sound = deque()

    def _put(self, packets: list[Packet[Any]]) -> None:
        if self._sound is None:
            self._waiting.extend(packets)
            return
        for packet in packets:
            before = float((packet.dts or 0) * packet.time_base)
            while self._sound and float((self._sound[0].dts or 0) * self._sound[0].time_base) <= before:
                self._mux_sound(self._sound.popleft())
            self._container.mux(packet)

    def _mux_sound(self, packet: Packet[Any]) -> None:
        self._container.mux(copied(packet, self._audio))


def copied(packet: Packet[Any], stream: Stream) -> Packet[Any]:
    """The same packet for another file; muxing changes the times of what it is given."""
    copy = Packet(bytes(packet))
    copy.time_base = packet.time_base
    copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
    copy.is_keyframe = packet.is_keyframe
    copy.stream = stream
    return copy
