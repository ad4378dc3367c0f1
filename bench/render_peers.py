"""The same job for the others: one ffmpeg command with libass, and a MoviePy script as its manual would have it."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

from bench.render_inputs import ffmpeg, font_folder
from bench.render_job import FPS, HEIGHT, LOUDNESS, TRUE_PEAK, WIDTH, Job, captions, hue, pages, windows

__all__ = ["LOSSLESS", "VERYFAST", "command_line", "moviepy"]

VERYFAST = {"preset": "veryfast", "crf": "21"}
LOSSLESS = {"preset": "ultrafast", "qp": "0"}


def command_line(job: Job, target: Path, x264: dict[str, str]) -> list[str]:
    """The ffmpeg command; writes its crop commands and captions beside `target`."""
    seen = windows(job)
    crops, titles = target.with_suffix(".crop"), target.with_suffix(".ass")
    crops.write_text(_crops(seen))
    titles.write_text(captions(job))
    width, height, x, y = seen[0]
    picture = (
        f"sendcmd=f={crops},crop={width}:{height}:{x}:{y},scale={WIDTH}:{HEIGHT}:flags=bicubic,"
        f"hflip,hue=h={hue()},setsar=1,ass={titles}:fontsdir={font_folder()}"
    )
    sound = f"loudnorm=I={LOUDNESS}:TP={TRUE_PEAK}:LRA=11,aresample=48000"
    start = ["-ss", str(job.start)] if job.start else []
    options = [part for name, value in x264.items() for part in (f"-{name}", value)]
    return [
        *(ffmpeg(), "-hide_banner", "-loglevel", "error", "-y", *start, "-i", str(job.source), "-t", str(job.seconds)),
        *("-vf", picture, "-af", sound, "-r", str(FPS), "-c:v", "libx264", *options, "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2", "-movflags", "+faststart", str(target)),
    ]


def _crops(seen: list[tuple[int, int, int, int]]) -> str:
    """Commands for the crop filter, half a picture early; sizes only where they change."""
    lines = []
    for number, (before, now) in enumerate(pairwise(seen), 1):
        wanted = [("w", now[0]), ("h", now[1])] if now[:2] != before[:2] else []
        wanted += [("x", now[2]), ("y", now[3])]
        orders = ", ".join(f"crop {name} {value}" for name, value in wanted)
        lines.append(f"{(number - 0.5) / FPS:.5f} {orders};\n")
    return "".join(lines)


def moviepy(job: Job, target: Path) -> list[str]:
    """The Python process that makes the job with MoviePy; its order lies beside `target`."""
    order = target.with_suffix(".json")
    plan = {
        "source": str(job.source),
        "target": str(target),
        "start": job.start,
        "seconds": job.seconds,
        "fps": FPS,
        "size": [WIDTH, HEIGHT],
        "windows": windows(job),
        "hue": hue(),
        "font": str(next(font_folder().glob("*.ttf"))),
        "lit": [
            [[word.text for word in page], place, page[place].start, page[place].end] for page, place in pages(job)
        ],
    }
    order.write_text(json.dumps(plan))
    return [sys.executable, "-m", "bench.render_moviepy", str(order)]
