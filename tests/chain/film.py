"""A small talking video, with its captions beside it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SECONDS, FPS, RATE = 48, 12, 48000
_LINES = (
    "Why does a short video begin so late?",
    "Because three seconds decide, and not thirty.",
    "So say at once what is to be seen.",
    "Then show it, and leave out the rest.",
    "What remains is short, and it is watched.",
    "Nobody ever asked for the longer one.",
    "How much does a good beginning cost?",
    "Nothing, because it only leaves things out.",
    "Ten of us tried it for a whole month.",
    "Every film was shorter, and it was seen more often.",
    "That is why we never went back.",
    "And you can begin with it today.",
)
"""Two subjects, so that there are two moments that stand alone."""


def make_film(path: Path, shade: int = 60) -> None:
    """A square that wanders over a plain ground, and noise that rises and falls with the sentences.

    `shade`: grey of the ground, and by what way the square wanders, so that two films are two to the eye too. The
    captions are a `.srt` beside it.
    """
    noise = np.random.default_rng(shade)
    steps = np.cumsum(noise.integers(-9, 10, (SECONDS * FPS, 2)), axis=0)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        sound = out.add_stream("aac", rate=RATE, layout="mono")
        for n in range(SECONDS * FPS):
            picture = np.full((180, 320, 3), shade, np.uint8)
            left, top = 20 + steps[n] % (240, 100)
            picture[top : top + 60, left : left + 50] = (230, 180, 40)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, FPS)
            out.mux(video.encode(frame))
        for n in range(SECONDS * RATE // 1024):
            loud = 0.15 if n * 1024 / RATE % 4 < 3 else 0.01
            piece = av.AudioFrame.from_ndarray(
                noise.normal(0, loud, (1, 1024)).astype(np.float32), format="fltp", layout="mono"
            )
            piece.rate, piece.pts, piece.time_base = RATE, n * 1024, Fraction(1, RATE)
            out.mux(sound.encode(piece))
        out.mux(video.encode(None))
        out.mux(sound.encode(None))
    cues = (f"{n + 1}\n{_stamp(4 * n)} --> {_stamp(4 * n + 3)}\n{line}\n" for n, line in enumerate(_LINES))
    path.with_suffix(".srt").write_text("\n".join(cues), encoding="utf-8")


def _stamp(second: int) -> str:
    return f"00:00:{second:02},000"
