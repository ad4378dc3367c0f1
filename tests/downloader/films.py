"""Small real videos, made for the test."""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

__all__ = ["film", "lie", "wav"]


def film(
    path: Path,
    *,
    seconds: float = 2.0,
    size: tuple[int, int] = (160, 90),
    fps: int = 25,
    sound: bool = True,
    rotation: int = 0,
    aspect: Fraction | None = None,
    times: list[int] | None = None,
    faststart: bool = False,
    codec: str = "libx264",
    color: bool = False,
) -> Path:
    """A moving gradient with a tone. `times`: when each picture is shown, in ms, instead of a steady rate."""
    options = {"movflags": "+faststart"} if faststart else {}
    with av.open(str(path), "w", options=options) as out:
        video: Any = out.add_stream(codec, rate=fps)
        video.width, video.height = size
        video.pix_fmt = "yuv444p" if size[0] % 2 or size[1] % 2 else "yuv420p"
        if codec == "libx264":
            video.codec_context.options = {"preset": "ultrafast", "bf": "0"}
        if aspect is not None:
            video.codec_context.sample_aspect_ratio = aspect
        if color:
            video.codec_context.colorspace = 1
            video.codec_context.color_primaries = 1
            video.codec_context.color_trc = 1
            video.codec_context.color_range = 1
        if times is not None:
            video.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            video.set_display_rotation(rotation)
        audio: Any = out.add_stream("aac", rate=48000, layout="mono") if sound else None
        stamps = times if times is not None else list(range(round(seconds * fps)))
        for i, stamp in enumerate(stamps):
            frame = _picture(size, i, video.pix_fmt)
            frame.pts = stamp
            frame.time_base = Fraction(1, 1000) if times is not None else Fraction(1, fps)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            _tone(out, audio, seconds)
    return path


def _picture(size: tuple[int, int], number: int, pix_fmt: str) -> av.VideoFrame:
    across = np.linspace(0, 255, size[0], dtype=np.uint8)
    picture = np.roll(np.tile(across, (size[1], 1)), number * 5, axis=1)
    return av.VideoFrame.from_ndarray(np.stack([picture] * 3, axis=-1), format="rgb24").reformat(format=pix_fmt)


def _tone(out: Any, audio: Any, seconds: float) -> None:
    t = np.arange(round(seconds * 48000)) / 48000
    wave = (0.25 * np.sin(2 * math.pi * 440 * t)).astype(np.float32)
    for begin in range(0, len(wave), 1024):
        block = wave[begin : begin + 1024]
        frame = av.AudioFrame.from_ndarray(block[None, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, begin, Fraction(1, 48000)
        out.mux(audio.encode(frame))
    out.mux(audio.encode(None))


def wav(path: Path) -> Path:
    """Sound alone."""
    with av.open(str(path), "w", format="wav") as out:
        audio: Any = out.add_stream("pcm_s16le", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
        out.mux(audio.encode(frame))
        out.mux(audio.encode(None))
    return path


def lie(path: Path, seconds: float) -> Path:
    """Change the duration in the header: `mvhd` of MP4 (ISO/IEC 14496-12, 8.2.2), `Duration` of Matroska (RFC 9559)."""
    body = bytearray(path.read_bytes())
    if path.suffix == ".mkv":
        struct.pack_into(">d", body, body.index(b"\x44\x89\x88") + 3, seconds * 1000)
        path.write_bytes(body)
        return path
    at = body.index(b"mvhd") + 4
    scale = struct.unpack_from(">I", body, at + 12)[0]
    struct.pack_into(">I", body, at + 16, round(seconds * scale))
    path.write_bytes(body)
    return path
