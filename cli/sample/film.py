"""Draws and encodes the sample video, and writes its captions beside it."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.sample.figure import FIGURE_SIZE, card, figure
from cli.sample.props import PROPS, disc
from cli.sample.script import SCENES, Scene
from cli.sample.speech import Line, Speech

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["FPS", "HEIGHT", "WIDTH", "Stage", "encode", "json3", "srt"]

WIDTH, HEIGHT, FPS = 1280, 720, 25
_STOPS = (840, 600, 420, 660)  # where the presenter stands, each for two lines: the crop has the time to follow
_WALK = 2.8  # seconds from one place to the next


class Stage:
    """Every frame of the film, drawn when it is asked for."""

    def __init__(self, speech: Speech) -> None:
        self.speech = speech
        self.frames = math.ceil((speech.duration + 0.6) * FPS)
        self._loud = _loudness(speech, self.frames)
        self._lines = [(scene, text) for scene in SCENES for text, _ in scene.lines]
        self._starts = [line.start for line in speech.lines]
        self._begin = {scene.prop: speech.lines[number].start - 0.5 for scene, number in _first_lines()}
        self._backgrounds: dict[str, Picture] = {}

    def draw(self, number: int) -> Picture:
        """Frame `number` as RGB."""
        t = number / FPS
        # The picture changes a moment before the first word of a scene, in the silence.
        line = max(bisect_right(self._starts, t + 0.45) - 1, 0)
        scene, words = self._lines[line]
        begin, end = self._span(scene)
        frame = self._background(scene).copy()
        loud = self._loud[max(number - 31, 0) : number + 1]
        for picture, x, y in PROPS[scene.prop](scene.accent, t - begin, (t - begin) / (end - begin), loud):
            frame.paste(picture, (round(x - picture.width / 2), round(y - picture.height / 2)), picture)
        self._presenter(frame, scene, line, t, loud[-1], words)
        return frame

    def _presenter(self, frame: Picture, scene: Scene, line: int, t: float, loud: float, words: str) -> None:
        x = self._place(line, t)
        y = HEIGHT - FIGURE_SIZE[1] + round(5 * math.sin(t * 2.1))
        body = figure(scene.jacket, min(3, int(loud * 5)), t % 3.7 < 0.13)
        frame.paste(body, (round(x - FIGURE_SIZE[0] / 2), y), body)
        sign = card(words, scene.accent)
        rise = round(16 * max(0.0, 1 - (t - self._starts[line] + 0.45) / 0.25))
        frame.paste(sign, (round(x - sign.width / 2), 172 - sign.height + rise), sign)

    def _place(self, line: int, t: float) -> float:
        first, pair = line - line % 2, line // 2
        here, there = _STOPS[(pair - 1) % len(_STOPS)], _STOPS[pair % len(_STOPS)]
        share = min(max((t - self._starts[first]) / _WALK, 0.0), 1.0)
        if first == 0 or self._lines[first][0] is not self._lines[first - 1][0]:
            share = 1.0  # a new scene starts with the presenter in place
        return here + (there - here) * share * share * (3 - 2 * share) + 14 * math.sin(t * 0.9)

    def _span(self, scene: Scene) -> tuple[float, float]:
        begins = sorted(self._begin.values())
        begin = self._begin[scene.prop]
        later = [other for other in begins if other > begin]
        return begin, later[0] if later else self.frames / FPS

    def _background(self, scene: Scene) -> Picture:
        if scene.prop not in self._backgrounds:
            self._backgrounds[scene.prop] = _background(scene)
        return self._backgrounds[scene.prop]


def encode(stage: Stage, path: Path, progress: Callable[[float], None]) -> None:
    """Write the film as MP4 (H.264, AAC, index in front). Blocking; `progress` gets shares from 0 to 1."""
    import av
    import cv2
    import numpy as np

    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        video = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "24", "g": str(2 * FPS)})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.time_base = Fraction(1, FPS)
        context = video.codec_context
        # BT.601 matrix and limited range: what OpenCV's conversion gives.
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 6, 6, 6, 1
        sound = out.add_stream("aac", rate=48000, layout="mono")
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=48000)
        samples = np.frombuffer(stage.speech.pcm, np.int16)
        per_frame = stage.speech.rate // FPS
        for number in range(stage.frames):
            # OpenCV converts a frame in a tenth of the time that swscale takes.
            planes: Any = cv2.cvtColor(np.asarray(stage.draw(number)), cv2.COLOR_RGB2YUV_I420)
            picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            out.mux(video.encode(picture))
            chunk = samples[number * per_frame : (number + 1) * per_frame]
            if len(chunk) < per_frame:
                chunk = np.pad(chunk, (0, per_frame - len(chunk)))
            piece = av.AudioFrame.from_ndarray(chunk.reshape(1, -1), format="s16", layout="mono")
            piece.rate, piece.pts = stage.speech.rate, number * per_frame
            piece.time_base = Fraction(1, stage.speech.rate)
            for ready in resampler.resample(piece):
                out.mux(sound.encode(ready))
            if number % FPS == 0:
                progress(number / stage.frames)
        for ready in resampler.resample(None):
            out.mux(sound.encode(ready))
        out.mux(sound.encode(None))
        out.mux(video.encode(None))


def srt(lines: tuple[Line, ...], longest: int = 42) -> str:
    """SubRip captions: at most `longest` characters a cue, each from its first word's start to its last word's end."""
    cues: list[list[tuple[str, float, float]]] = []
    for line in lines:
        fresh = True
        for word in line.words:
            if fresh or len(" ".join(part[0] for part in cues[-1])) + 1 + len(word[0]) > longest:
                cues.append([])
            cues[-1].append(word)
            fresh = word[0][-1] in ".?!"
    return "\n".join(
        f"{number}\n{_clock_time(cue[0][1])} --> {_clock_time(cue[-1][2])}\n{' '.join(word[0] for word in cue)}\n"
        for number, cue in enumerate(cues, 1)
    )


def json3(lines: tuple[Line, ...]) -> str:
    """The word-timed caption format of YouTube: one event per sentence, an offset in milliseconds for every word."""
    events: list[dict[str, Any]] = []
    for line in lines:
        start = round(line.start * 1000)
        segments = [
            {"utf8": word if index == 0 else f" {word}", "tOffsetMs": round(begin * 1000) - start}
            for index, (word, begin, _) in enumerate(line.words)
        ]
        events.append({"tStartMs": start, "dDurationMs": round(line.end * 1000) - start, "segs": segments})
    return json.dumps({"wireMagic": "pb3", "events": events}, indent=1)


def _clock_time(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3600000:02}:{whole // 60000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"


def _first_lines() -> list[tuple[Scene, int]]:
    first, number = [], 0
    for scene in SCENES:
        first.append((scene, number))
        number += len(scene.lines)
    return first


def _loudness(speech: Speech, frames: int) -> list[float]:
    """Root mean square of each frame's sound, as a share of the loudest."""
    import numpy as np

    per_frame = speech.rate // FPS
    samples = np.frombuffer(speech.pcm, np.int16).astype(np.float32)
    padded = np.pad(samples, (0, max(frames * per_frame - len(samples), 0)))[: frames * per_frame]
    level = np.sqrt((padded.reshape(frames, per_frame) ** 2).mean(axis=1))
    return [float(value) for value in level / max(float(level.max()), 1.0)]


def _background(scene: Scene) -> Picture:
    import numpy as np
    from PIL import Image

    top, bottom = (np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], np.float32) for color in scene.sky)
    y = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None, None]
    x = np.linspace(-1, 1, WIDTH, dtype=np.float32)[None, :, None]
    light = 1.12 - 0.28 * x**2 - 0.1 * y
    dither = np.random.default_rng(7).uniform(-0.6, 0.6, (HEIGHT, WIDTH, 1)).astype(np.float32)
    shaded = ((1 - y) * top + y * bottom) * light + dither
    picture = Image.fromarray(np.clip(shaded, 0, 255).astype(np.uint8), "RGB")
    for radius, across, down in ((330, 0.12, 0.95), (260, 0.9, 0.1), (420, 0.72, 1.05)):
        blob = disc(radius, "#ffffff12")
        picture.paste(blob, (round(across * WIDTH) - radius, round(down * HEIGHT) - radius), blob)
    return picture
