"""Footage with known cuts for the benchmark of cuts: talks with everything that is taken for a cut, or is missed.

Shots are crops of large painted scenes with a speaker who moves, noise, and light. Between them: hard cuts to other
scenes, to the same scene closer by, between dark shots; and what is no cut: flashes, fast pans, dissolves, fades,
captions that pop up, somebody who walks past the camera.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

__all__ = ["FPS", "Footage", "Script", "shoot", "talks"]

FPS = 25
SIZE = (640, 360)


@dataclass
class Footage:
    """A file and the truth about it, in seconds."""

    path: Path
    cuts: list[float] = field(default_factory=list)
    fades: list[tuple[str, float, float]] = field(default_factory=list)


class Script:
    """Makes the pictures of one talk, one after the other, and writes down what happened."""

    def __init__(self, seed: int, size: tuple[int, int] = SIZE) -> None:
        self.rng = np.random.default_rng(seed)
        self.size = size
        self.pictures: list[Any] = []
        self.truth = Footage(Path())
        self.scene = self._scene()
        self.zoom, self.pan, self.gain = 1.0, 0.0, 1.0

    @property
    def now(self) -> float:
        """Seconds."""
        return len(self.pictures) / FPS

    def _scene(self) -> Any:
        """A room of large and small shapes on a ground that is rough on every scale, twice as wide as the picture."""
        width, height = self.size[0] * 2, self.size[1] * 3 // 2
        ground = np.zeros((height, width, 3), np.float32)
        for cells in (3, 6, 12, 24, 48, 96):
            noise = self.rng.normal(0, 60 / cells**0.7, (cells, cells * 2, 3)).astype(np.float32)
            noise = noise.mean(axis=2, keepdims=True) * 0.7 + noise * 0.3
            ground += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
        ground += self.rng.uniform(60, 160, 3).astype(np.float32)
        for _ in range(int(self.rng.integers(6, 14))):
            x, y = self.rng.integers(0, width), self.rng.integers(0, height)
            w, h = self.rng.integers(20, 200, 2)
            colour = self.rng.uniform(20, 235, 3).tolist()
            cv2.rectangle(ground, (int(x), int(y)), (int(x + w), int(y + h)), colour, -1)
        return np.clip(ground, 0, 255)

    def _frame(self) -> Any:
        width, height = self.size
        w, h = round(width / self.zoom), round(height / self.zoom)
        spare_x, spare_y = self.scene.shape[1] - w, (self.scene.shape[0] - h) // 2
        x = float(np.clip(spare_x / 2 + self.pan, 0, spare_x))
        picture = cv2.getRectSubPix(self.scene, (w, h), (x + w / 2, spare_y + h / 2))
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
        t = self.now
        sway = 0.02 * width * np.sin(2 * np.pi * 0.4 * t) + 0.01 * width * np.sin(2 * np.pi * 1.3 * t)
        centre = (int(width * 0.5 + sway * self.zoom), int(height * 0.42))
        scale = height / 5 * self.zoom
        body = (centre[0], int(centre[1] + 2.4 * scale))
        cv2.ellipse(picture, body, (int(1.5 * scale), int(1.6 * scale)), 0, 0, 360, self.coat, -1)
        cv2.ellipse(picture, centre, (int(0.62 * scale), int(0.85 * scale)), 0, 0, 360, (205, 160, 135), -1)
        mouth = int(0.05 * scale + 0.1 * scale * abs(np.sin(2 * np.pi * 2.7 * t)))
        cv2.ellipse(
            picture, (centre[0], int(centre[1] + 0.4 * scale)), (int(0.25 * scale), mouth), 0, 0, 360, (90, 30, 30), -1
        )
        return picture

    coat: tuple[float, float, float] = (40, 50, 90)

    def roll(self, seconds: float, *, pan_per_s: float = 0.0, shake: float = 0.4) -> None:
        """Go on with the shot; `pan_per_s` in widths of the picture."""
        for _ in range(round(seconds * FPS)):
            self.pan += pan_per_s * self.size[0] / FPS
            calm = self.pan
            self.pan += float(self.rng.normal(0, shake))
            self.pictures.append(self._lit(self._frame()))
            self.pan = calm

    def _lit(self, picture: Any) -> Any:
        noise = self.rng.normal(0, 2.0, (*picture.shape[:2], 1)).astype(np.float32)
        return np.clip(picture * self.gain + noise, 0, 255)

    def cut(self, *, gain: float | None = None) -> None:
        """To another scene, in this light."""
        self.scene = self._scene()
        self.coat = tuple(self.rng.uniform(20, 200, 3).tolist())
        self.zoom, self.pan = float(self.rng.uniform(1.0, 1.4)), float(self.rng.uniform(-80, 80))
        self.gain = self.gain if gain is None else gain
        self.truth.cuts.append(self.now)

    def closer(self) -> None:
        """To the same scene, closer by or farther away, as talks are cut."""
        self.zoom = self.zoom * 1.25 if self.zoom < 1.3 else self.zoom / 1.25
        self.pan += float(self.rng.uniform(-20, 20))
        self.truth.cuts.append(self.now)

    def flash(self) -> None:
        """A camera's flash, of one to three pictures."""
        start = len(self.pictures)
        self.roll(0.4)
        for index in range(int(self.rng.integers(1, 4))):
            self.pictures[start + index] = np.clip(self.pictures[start + index] * 0.5 + 150 - 30 * index, 0, 255)

    def whip(self) -> None:
        """A fast pan: half of a picture's width and more in a third of a second."""
        way = float(self.rng.uniform(1.2, 2.0)) * (-1 if self.pan > 0 else 1)
        self.roll(0.32, pan_per_s=way)
        self.roll(0.5)

    def dissolve(self, seconds: float) -> None:
        """Into another scene."""
        start = len(self.pictures)
        self.roll(seconds)
        was = self.pictures[start:]
        del self.pictures[start:]
        self.cut()
        self.truth.cuts.pop()
        self.roll(seconds)
        for index, old in enumerate(was):
            share = (index + 1) / (len(was) + 1)
            self.pictures[start + index] = old * (1 - share) + self.pictures[start + index] * share
        self.truth.fades.append(("dissolve", start / FPS, len(self.pictures) / FPS))

    def through_black(self, seconds: float) -> None:
        """Out, half a second of black, and in to another scene."""
        for kind in ("out", "in"):
            start = len(self.pictures)
            self.roll(seconds)
            count = len(self.pictures) - start
            for index in range(count):
                share = (index + 1) / (count + 1)
                self.pictures[start + index] = self.pictures[start + index] * (1 - share if kind == "out" else share)
            self.truth.fades.append((kind, start / FPS, len(self.pictures) / FPS))
            if kind == "out":
                black = np.zeros_like(self.pictures[-1])
                self.pictures += [black] * (FPS // 2)
                self.cut()
                self.truth.cuts.pop()

    def caption(self, seconds: float) -> None:
        """Words that pop up over the shot and go."""
        start = len(self.pictures)
        self.roll(seconds)
        width, height = self.size
        words = " ".join(["never", "again", "twice", "money", "people"][i] for i in self.rng.integers(0, 5, 3))
        for picture in self.pictures[start:]:
            where = (int(width * 0.2), int(height * 0.85))
            for colour, thick in (((0, 0, 0), 8), ((255, 255, 255), 3)):
                cv2.putText(picture, words, where, cv2.FONT_HERSHEY_SIMPLEX, height / 300, colour, thick, cv2.LINE_AA)
        self.roll(0.5)

    def passer(self) -> None:
        """Somebody walks past close to the camera: most of the picture is another one, for a moment."""
        start = len(self.pictures)
        self.roll(1.0)
        width, height = self.size
        for index, picture in enumerate(self.pictures[start:]):
            x = int(-0.6 * width + 1.7 * width * index / FPS)
            cv2.rectangle(picture, (x, 0), (x + width // 2, height), (35, 30, 40), -1)

    def write(self, path: Path, **options: str) -> Footage:
        """Encode it as H.264, as the web has it."""
        with av.open(str(path), "w") as out:
            stream = out.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "23", **options})
            stream.width, stream.height, stream.pix_fmt = *self.size, "yuv420p"
            stream.codec_context.time_base = Fraction(1, FPS)
            for number, picture in enumerate(self.pictures):
                frame = av.VideoFrame.from_ndarray(picture.astype(np.uint8), format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        self.truth.path = path
        return self.truth


def shoot(path: Path, seed: int, *, events: int = 24, size: tuple[int, int] = SIZE) -> Footage:
    """A talk of `events` events of every kind, in an order that the seed tells."""
    script = Script(seed, size)
    kinds = ("cut", "closer", "dark", "flash", "whip", "dissolve", "black", "caption", "passer")
    order = [kinds[int(i)] for i in script.rng.choice(len(kinds), events, p=(0.24, 0.2, 0.16, *[0.4 / 6] * 6))]
    for kind in order:
        script.roll(float(script.rng.uniform(1.0, 2.5)))
        if kind == "cut":
            script.cut(gain=1.0)
        elif kind == "closer":
            script.closer()
        elif kind == "dark":
            script.cut(gain=float(script.rng.uniform(0.1, 0.2)))
        elif kind == "flash":
            script.flash()
        elif kind == "whip":
            script.whip()
        elif kind == "dissolve":
            script.dissolve(float(script.rng.uniform(0.6, 1.4)))
        elif kind == "black":
            script.through_black(float(script.rng.uniform(0.5, 1.2)))
        elif kind == "caption":
            script.caption(1.2)
        else:
            script.passer()
    script.roll(1.0)
    return script.write(path)


def talks(shelf: Path, count: int) -> list[Footage]:
    """The talks of the first `count` seeds, made once and kept in a folder of `shelf` that is named after this code."""
    folder = shelf / f"talks-{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    return [_kept(folder / f"{seed}.mp4", seed) for seed in range(count)]


def _kept(path: Path, seed: int) -> Footage:
    told = path.with_suffix(".json")
    if not told.exists():  # it is written last
        print(f"making {path} once ...", flush=True)
        told.write_text(json.dumps(shoot(path, seed).cuts), encoding="utf-8")
    return Footage(path, json.loads(told.read_text(encoding="utf-8")))
