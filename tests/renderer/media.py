"""Small real media, made by the tests: pictures whose every part is known, tones and beeps, and odd files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame

RATE = 48000
RED, GREEN, BLUE, WHITE, GREY = (220, 30, 30), (30, 200, 30), (30, 30, 220), (255, 255, 255), (90, 90, 90)
CORNERS = ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8))
Painter = Callable[[float, int, int], Any]


def quarters(t: float, width: int, height: int) -> Any:
    """Red top left, green top right, blue bottom left, grey bottom right."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2], picture[: height // 2, width // 2 :] = RED, GREEN
    picture[height // 2 :, : width // 2], picture[height // 2 :, width // 2 :] = BLUE, GREY
    return picture


def columns(t: float, width: int, height: int) -> Any:
    """Red left third, green middle, blue right."""
    picture = np.zeros((height, width, 3), np.uint8)
    for n, color in enumerate((RED, GREEN, BLUE)):
        picture[:, n * width // 3 : (n + 1) * width // 3] = color
    return picture


def flashing(t: float, width: int, height: int) -> Any:
    """White for the first tenth of every second, else black."""
    return np.full((height, width, 3), 255 if t % 1 < 0.0999 else 0, np.uint8)


def clock(t: float, width: int, height: int) -> Any:
    """Brightness tells the time: 20 at 0 s, 20 more every second."""
    return np.full((height, width, 3), min(255, round(20 + 20 * t)), np.uint8)


def tone(seconds: float, level: float = 0.1) -> Any:
    return (level * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def beeps(seconds: float) -> Any:
    """A beep for the first tenth of every second."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * 1000 * t) * (t % 1 < 0.1)).astype(np.float32)


def bursts(seconds: float) -> Any:
    """Quiet noise with clicks up to full scale: loud only through a limiter."""
    noise = np.random.default_rng(7).normal(0, 0.02, round(seconds * RATE))
    noise[:: RATE // 3] = 0.99
    return np.clip(noise, -1, 1).astype(np.float32)


@dataclass
class Film:
    """What to make. `times` are the seconds of the pictures; absent: a constant rate."""

    width: int = 320
    height: int = 180
    seconds: float = 1.2
    fps: int = 25
    paint: Painter = quarters
    sound: Any = None
    codec: str = "libx264"
    pixels: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"preset": "ultrafast", "crf": "12"})
    times: Sequence[float] | None = None
    aspect: Fraction | None = None
    color: tuple[int, int, int] | None = None
    delay: float = 0.0


def make(path: Path, film: Film) -> Path:
    """Write the film; the format follows from the name."""
    with av.open(str(path), "w") as container:
        video = container.add_stream(film.codec, rate=film.fps, options=film.options)
        assert isinstance(video, av.VideoStream)
        context = video.codec_context
        context.width, context.height, context.pix_fmt = film.width, film.height, film.pixels
        context.time_base = Fraction(1, 1000) if film.times else Fraction(1, film.fps)
        if film.aspect:
            context.sample_aspect_ratio = film.aspect
        space, primaries, transfer = film.color or (1, 1, 1)
        context.colorspace, context.color_primaries, context.color_trc = space, primaries, transfer
        context.color_range = 1
        audio = container.add_stream("aac", rate=RATE, layout="mono") if film.sound is not None else None
        for frame in pictures(film, context.time_base):
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            for block in blocks(film.sound):
                container.mux(audio.encode(block))
            container.mux(audio.encode(None))
    return path


def pictures(film: Film, time_base: Fraction) -> Iterator[VideoFrame]:
    times = film.times or [n / film.fps for n in range(round(film.seconds * film.fps))]
    for t in times:
        drawn = VideoFrame.from_ndarray(film.paint(t, film.width, film.height), format="rgb24")
        frame = drawn.reformat(
            format=film.pixels, dst_colorspace="BT2020" if film.color else "ITU709", dst_color_range="MPEG"
        )
        if film.color:
            frame.colorspace, frame.color_primaries, frame.color_trc = film.color
        frame.pts, frame.time_base, frame.pict_type = round((t + film.delay) / float(time_base)), time_base, 0
        yield frame


def blocks(samples: Any) -> Iterator[Any]:
    for first in range(0, len(samples), 1024):
        block = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples[None, first : first + 1024]), format="fltp", layout="mono"
        )
        block.sample_rate, block.pts, block.time_base = RATE, first, Fraction(1, RATE)
        yield block


def rotate(path: Path, degrees: int) -> Path:
    """Write a rotation (clockwise, as phones do) into the track header of an MP4 (ISO/IEC 14496-12, 8.3.2)."""
    body = bytearray(path.read_bytes())
    matrix = body.index(b"tkhd") + 4 + 4 + 20 + 16
    c, s = round(math.cos(math.radians(degrees))), round(math.sin(math.radians(degrees)))
    cells = (c << 16, s << 16, 0, -s << 16, c << 16, 0, 0, 0, 1 << 30)
    body[matrix : matrix + 36] = b"".join(cell.to_bytes(4, "big", signed=True) for cell in cells)
    path.write_bytes(body)
    return path


@dataclass(frozen=True)
class Seen:
    """A finished short, decoded: RGB pictures with their times, sound as two rows, decoding times per stream."""

    pictures: list[Any]
    times: list[float]
    sound: Any
    dts: dict[str, list[int]]


def look(path: Path) -> Seen:
    with av.open(str(path)) as container:
        dts: dict[str, list[int]] = {"video": [], "audio": []}
        for packet in container.demux():
            if packet.dts is not None:
                dts[packet.stream.type].append(packet.dts)
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        shots = [frame.to_ndarray(format="rgb24") for frame in frames]
        times = [frame.time for frame in frames]
    with av.open(str(path)) as container:
        sound = np.hstack([frame.to_ndarray() for frame in container.decode(audio=0)])
    return Seen(shots, times, sound, dts)


def color_at(picture: Any, x: float, y: float) -> tuple[int, int, int]:
    """The colour at shares of width and height."""
    height, width, _ = picture.shape
    r, g, b = (int(value) for value in picture[int(y * height), int(x * width)])
    return r, g, b


def near(color: tuple[int, int, int], wanted: tuple[int, int, int], within: int = 12) -> bool:
    return all(abs(a - b) <= within for a, b in zip(color, wanted, strict=True))


def assert_corners(picture: object, wanted: tuple[tuple[int, int, int], ...], within: int = 14) -> None:
    """Checks the colours near the four corners, in the order in which `quarters` names them."""
    found = [color_at(picture, x, y) for x, y in CORNERS]
    assert all(near(a, b, within) for a, b in zip(found, wanted, strict=True)), found
