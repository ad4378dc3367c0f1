"""Encoding and writing: H.264 and AAC in an MP4 whose index stands in front."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from actors.renderer.adapters.samples import RATE
from actors.renderer.adapters.sound import AAC_BITRATE, AAC_OPTIONS
from contracts.media import Recipe

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame

__all__ = ["PRESETS", "Writer", "encoder_label"]

_LOOKAHEAD = "rc-lookahead=10:mbtree=1"
_TURBO = f"{_LOOKAHEAD}:aq-mode=1:deblock=0,0:cabac=1:bframes=3:weightb=1:8x8dct=1:partitions=i8x8,i4x4:scenecut=40"
PRESETS: dict[str, dict[str, str]] = {
    "draft": {"preset": "ultrafast", "crf": "25"},
    "turbo": {"preset": "ultrafast", "crf": "21", "x264-params": _TURBO},
    "fast": {"preset": "superfast", "crf": "21", "x264-params": _LOOKAHEAD},
    "quality": {"preset": "faster", "crf": "20"},
}
"""x264 settings by `Recipe.quality`. `fast` is superfast with the macroblock tree it leaves out: a third less work than
veryfast at the same quality for the size."""
_LIMITS = {"maxrate": "20M", "bufsize": "40M", "profile": "high"}
"""What platforms take at most is 25 Mbit/s."""
_KEYFRAME_EVERY_S = 4


def encoder_label(recipe: Recipe) -> str:
    """The encoder and its settings, for a person."""
    preset = PRESETS[recipe.quality]
    x264 = f"libx264 {recipe.quality} ({preset['preset']}, crf {preset['crf']})"
    return f"{x264}, aac {AAC_BITRATE // 1000}k; PyAV {av.__version__}"


class Writer:
    """One MP4 being written: pictures go in as they come, the sound's packets once they are there."""

    def __init__(self, path: Path, recipe: Recipe) -> None:
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._rate = Fraction(1, recipe.fps)
        options = {**PRESETS[recipe.quality], **_LIMITS, "g": str(_KEYFRAME_EVERY_S * recipe.fps)}
        if recipe.quality == "draft":
            del options["profile"]  # ultrafast has none of its tools
        self._video = self._container.add_stream("libx264", rate=recipe.fps, options=options)
        context = self._video.codec_context
        context.width, context.height, context.pix_fmt = recipe.width, recipe.height, "yuv420p"
        context.time_base, context.thread_type = self._rate, "FRAME"  # the default, slices, is slower and worse
        context.sample_aspect_ratio = Fraction(1, 1)
        context.colorspace, context.color_range = int(Colorspace.ITU709), int(ColorRange.MPEG)
        context.color_primaries, context.color_trc = int(ColorPrimaries.BT709), int(ColorTrc.BT709)
        self._audio = self._container.add_stream("aac", rate=RATE, options=AAC_OPTIONS, layout="stereo")
        self._audio.codec_context.bit_rate = AAC_BITRATE
        self._waiting: list[Packet[Any]] = []
        self._sound: list[Packet[Any]] | None = None

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

    def sound(self, packets: list[Packet[Any]]) -> None:
        """Give the sound. Until then encoded pictures wait: a file is interleaved by time."""
        self._sound = list(packets)
        waiting, self._waiting = self._waiting, []
        self._put(waiting)

    def finish(self) -> None:
        """Flush; to be called after the last picture and after `sound`."""
        self._put(self._video.encode(None))
        for packet in self._sound or ():
            self._mux_sound(packet)
        self._sound = []

    def _put(self, packets: list[Packet[Any]]) -> None:
        if self._sound is None:
            self._waiting.extend(packets)
            return
        for packet in packets:
            before = float((packet.dts or 0) * packet.time_base)
            while self._sound and float((self._sound[0].dts or 0) * self._sound[0].time_base) <= before:
                self._mux_sound(self._sound.pop(0))
            self._container.mux(packet)

    def _mux_sound(self, packet: Packet[Any]) -> None:
        packet.stream = self._audio
        self._container.mux(packet)
