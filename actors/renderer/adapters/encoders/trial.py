"""Trying one encoder: `python -m actors.renderer.adapters.encoders.trial`, the order as JSON on standard input.

Eight pictures of every size are encoded at the same time, as a render with several shapes does, and read back by
FFmpeg's own decoder: as many, of that size, and looking like what went in. Anything else is an exit code of 1, with
the reason as the last line on standard error.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame

from actors.renderer.adapters.encode import add_video
from actors.renderer.adapters.encoders.encoder import Encoder
from actors.renderer.adapters.planes import planes_of, tag
from contracts.style import Quality

__all__ = ["try_encoder"]

PICTURES = 8
MOST_OFF = 12.0
"""Mean difference in levels of 255: a broken driver gives green or shifted pictures, not slightly worse ones."""


def try_encoder(encoder: Encoder, sizes: list[tuple[int, int]], fps: int, quality: Quality) -> str:
    """What is wrong with it; empty: it works."""
    files = [io.BytesIO() for _ in sizes]
    with ExitStack() as stack:
        pairs = []
        for file, size in zip(files, sizes, strict=True):
            container = stack.enter_context(av.open(file, "w", format="mp4"))
            pairs.append((container, add_video(container, size, fps, quality, encoder), size))
        for number in range(PICTURES):
            for container, stream, size in pairs:
                frame = _picture(number, size)
                frame.pts, frame.time_base = number, stream.codec_context.time_base
                container.mux(stream.encode(frame))
        for container, stream, _ in pairs:
            container.mux(stream.encode(None))
    return next((wrong for file, size in zip(files, sizes, strict=True) if (wrong := _wrong(file, size))), "")


def _wrong(file: io.BytesIO, size: tuple[int, int]) -> str:
    file.seek(0)
    with av.open(file, "r") as container:
        frames = list(container.decode(video=0))
    if len(frames) != PICTURES:
        return f"{len(frames)} pictures came out of {PICTURES}"
    for number, frame in enumerate(frames):
        if (frame.width, frame.height, frame.format.name) != (*size, "yuv420p"):
            return f"it gives pictures of {frame.width}x{frame.height} {frame.format.name}"
        off = _off(frame, _picture(number, size))
        if off > MOST_OFF:
            return f"picture {number} is {off:.0f} levels off"
    return ""


def _off(given: VideoFrame, wanted: VideoFrame) -> float:
    return max(
        float(np.abs(a[::4, ::4].astype(np.int16) - b[::4, ::4]).mean())
        for a, b in zip(planes_of(given), planes_of(wanted), strict=True)
    )


def _picture(number: int, size: tuple[int, int]) -> VideoFrame:
    """A soft slope that moves, in colour: easy to encode, and no plane of it is flat."""
    frame = VideoFrame(*size, "yuv420p")
    for n, plane in enumerate(planes_of(frame)):
        rows, columns = plane.shape
        slope = np.add.outer(np.linspace(40, 120, rows), np.linspace(0, 80, columns))
        plane[:] = slope + 4 * number if n == 0 else 100 + slope / 4
    tag(frame)
    return frame


def _said(error: av.FFmpegError) -> str:
    log: tuple[object, ...] = tuple(error.log or ())
    return str(log[-1]).strip() if log else error.strerror or type(error).__name__


def main(read: Callable[[], str]) -> int:
    """Try what the order says; the exit code."""
    order: dict[str, Any] = json.loads(read())
    av.logging.set_level(av.logging.ERROR)  # what a driver complains of is the reason
    sizes = [(width, height) for width, height in order["sizes"]]
    try:
        wrong = try_encoder(Encoder.model_validate(order["encoder"]), sizes, order["fps"], order["quality"])
    except av.FFmpegError as error:
        wrong = _said(error)
    except ValueError as error:  # an encoder that this build of FFmpeg does not have
        wrong = f"{type(error).__name__}: {error}"
    if wrong:
        sys.stderr.write(f"{wrong}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.read))
