"""Small real videos, made by the test: scenes with known cuts, a moving square, steps of loudness."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import fontpkg_noto_sans
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from contracts.media import Candidate, Clip, MediaRef

__all__ = [
    "HEIGHT",
    "WIDE",
    "WIDTH",
    "a_clip",
    "drifting",
    "film",
    "moving_square",
    "rooms",
    "scenes",
    "tone",
    "written",
]

WIDTH, HEIGHT = 320, 180
WIDE = (640, 360)
Painter = Callable[[float], Any]
_QUICK = {"preset": "ultrafast", "crf": "18"}


def scenes(cuts: tuple[float, ...], size: tuple[int, int] = (WIDTH, HEIGHT)) -> Painter:
    """Another textured scene, in another colour, after every cut."""
    rng = np.random.default_rng(7)
    width, height = size
    colours = [(200, 60, 40), (40, 90, 200), (60, 180, 70), (210, 200, 60), (120, 40, 160), (30, 30, 30)]
    pictures = []
    for index in range(len(cuts) + 1):
        blocks = rng.integers(-30, 30, (9, 16, 1)).repeat(-(-height // 9), axis=0).repeat(-(-width // 16), axis=1)
        base = np.array(colours[index % len(colours)])
        pictures.append(np.clip(base + blocks[:height, :width], 0, 255).astype(np.uint8))
    return lambda t: pictures[sum(1 for cut in cuts if t >= cut - 1e-6)]


def moving_square(seconds: float, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Painter:
    """A bright square that goes from the left edge to the right edge over a still, textured ground."""
    width, height = size
    ground = np.random.default_rng(3).integers(60, 80, (height, width, 3)).astype(np.uint8)
    side = height // 4

    def paint(t: float) -> Any:
        picture = ground.copy()
        left = int((width - side) * min(1.0, t / seconds))
        picture[height // 2 - side // 2 : height // 2 + side // 2, left : left + side] = (250, 240, 90)
        return picture

    return paint


def tone(*steps: tuple[float, float]) -> Callable[[float], float]:
    """Amplitude (0 to 1) over time: pairs of (from second, amplitude)."""
    return lambda t: next((amplitude for since, amplitude in reversed(steps) if t >= since), 0.0)


def film(
    path: Path,
    paint: Painter,
    seconds: float,
    *,
    fps: int = 25,
    loud: Callable[[float], float] | None = None,
    times: list[float] | None = None,
    codec: str = "libx264",
    start: float = 0.0,
    aspect: Fraction | None = None,
    pix_fmt: str = "yuv420p",
) -> Path:
    """Write a video. `times`: of the frames, for a variable frame rate; `start`: seconds at which it begins."""
    instants = [i / fps for i in range(round(seconds * fps))] if times is None else times
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=fps, options=_QUICK if codec == "libx264" else {})
        assert isinstance(video, av.VideoStream)
        first = paint(0.0)
        video.width, video.height, video.pix_fmt = first.shape[1], first.shape[0], pix_fmt
        video.codec_context.time_base = Fraction(1, 1000)
        if aspect:
            video.codec_context.sample_aspect_ratio = aspect
        audio = out.add_stream("aac", rate=48000, layout="mono") if loud else None
        for t in instants:
            frame = av.VideoFrame.from_ndarray(paint(t), format="rgb24")
            frame.pts, frame.time_base = round((t + start) * 1000), Fraction(1, 1000)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None and loud is not None:
            for index in range(int(seconds * 48000 / 1024)):
                at = (np.arange(1024) + index * 1024) / 48000
                wave = np.sin(2 * np.pi * 440 * at) * np.array([loud(float(t)) for t in at[::128]]).repeat(128)
                sound = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None], format="fltp", layout="mono")
                sound.sample_rate, sound.pts, sound.time_base = 48000, index * 1024, Fraction(1, 48000)
                out.mux(audio.encode(sound))
            out.mux(audio.encode(None))
    return path


def a_clip(duration: float = 10.0, *, sha256: str = "0" * 64, title: str = "A clip") -> Clip:
    return Clip(
        clip_id="file:abc",
        source_url="file:///abc.mp4",
        title=title,
        media=MediaRef(uri="media://clips/file/abc/source.mp4", bytes=1, sha256=sha256, content_type="video/mp4"),
        duration=duration,
        width=WIDTH,
        height=HEIGHT,
        fps=25,
        video_codec="h264",
        candidate=Candidate(candidate_id="file:abc", url="file:///abc.mp4", title=title, source="folder"),
    )


def rooms(seed: int, size: tuple[int, int] = WIDE) -> Any:
    """A still picture as a camera takes it, without any text: shapes on a ground that is rough on every scale."""
    width, height = size
    rng = np.random.default_rng(seed)
    ground = np.zeros((height, width, 3), np.float32) + rng.uniform(60, 170, 3).astype(np.float32)
    for cells in (3, 6, 12, 24, 48):
        noise = rng.normal(0, 60 / cells**0.7, (cells, cells * 2, 1)).astype(np.float32)
        ground += cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)[..., None]
    for _ in range(8):
        corner = [int(v) for v in rng.integers(0, (width, height))]
        other = [c + int(v) for c, v in zip(corner, rng.integers(width // 20, width // 4, 2), strict=True)]
        cv2.rectangle(ground, corner, other, rng.uniform(20, 235, 3).tolist(), -1)
    return np.clip(ground, 0, 255).astype(np.uint8)


def drifting(seed: int, size: tuple[int, int] = WIDE) -> Painter:
    """A room that a hand-held camera wanders through, with the noise of its sensor."""
    width, height = size
    room = rooms(seed, (width * 5 // 4, height * 5 // 4))
    rng = np.random.default_rng(seed)
    grain = [rng.normal(0, 3, (height, width, 1)).astype(np.float32) for _ in range(4)]

    def paint(t: float) -> Any:
        x, y = (round(side / 8 * (1 + np.sin(t * speed))) for side, speed in ((width, 0.9), (height, 0.7)))
        noise = grain[round(t * 25) % len(grain)]
        return np.clip(room[y : y + height, x : x + width] + noise, 0, 255).astype(np.uint8)

    return paint


@cache
def _font(size: int) -> Any:
    return ImageFont.truetype(str(Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"), size)


def written(picture: Any, text: str, at: tuple[float, float], high: float, **drawn: Any) -> Any:
    """The picture with text on it: `at`, left and top, and `high`, as shares of the picture."""
    height, width = picture.shape[:2]
    image = Image.fromarray(picture)
    font = _font(round(high * height))
    ImageDraw.Draw(image).text((at[0] * width, at[1] * height), text, font=font, **{"fill": "white", **drawn})
    return np.asarray(image)
