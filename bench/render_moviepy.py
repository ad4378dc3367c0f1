"""Job J by MoviePy 2, as its manual has it: a clip, transformed, mirrored, with text clips laid over it."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from moviepy import CompositeVideoClip, TextClip, VideoFileClip, afx, vfx
from PIL import Image


def cropped(plan: dict[str, Any]) -> Any:
    """A function for `VideoClip.transform`: the window of this moment."""
    windows, fps = plan["windows"], plan["fps"]

    def picture(get_frame: Any, t: float) -> Any:
        width, height, x, y = windows[min(round(t * fps), len(windows) - 1)]
        window = get_frame(t)[y : y + height, x : x + width]
        return np.asarray(Image.fromarray(window).resize(plan["size"], Image.Resampling.BICUBIC))

    return picture


def turned(degrees: float) -> Any:
    """A function for `VideoClip.image_transform`: every hue turned by one matrix, that of SVG's hueRotate."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix = (
        *(0.213 + c * 0.787 - s * 0.213, 0.715 - c * 0.715 - s * 0.715, 0.072 - c * 0.072 + s * 0.928, 0),
        *(0.213 - c * 0.213 + s * 0.143, 0.715 + c * 0.285 + s * 0.140, 0.072 - c * 0.072 - s * 0.283, 0),
        *(0.213 - c * 0.213 - s * 0.787, 0.715 - c * 0.715 + s * 0.715, 0.072 + c * 0.928 + s * 0.072, 0),
    )
    return lambda frame: np.asarray(Image.fromarray(frame).convert("RGB", matrix))


def titles(plan: dict[str, Any]) -> list[Any]:
    """For every word its page in white, and the word itself over it in yellow."""
    clips = []
    width, height = plan["size"]
    look = {"font": plan["font"], "font_size": 84, "stroke_color": "black", "stroke_width": 6, "margin": (12, 24)}
    for page, place, start, end in plan["lit"]:
        line = TextClip(text=" ".join(page), color="white", **look)
        x, y = (width - line.w) / 2, height * 0.7 - line.h / 2
        before = TextClip(text=" ".join([*page[:place], ""]) or " ", color="white", **look).w - 24 if place else 0
        word = TextClip(text=page[place], color="#FFE600", **look)
        clips.append(line.with_start(start).with_end(end).with_position((x, y)))
        clips.append(word.with_start(start).with_end(end).with_position((x + before, y)))
    return clips


def main(order: Path) -> None:
    """Make what the order says."""
    plan = json.loads(order.read_text())
    clip = VideoFileClip(plan["source"]).subclipped(plan["start"], plan["start"] + plan["seconds"])
    picture = clip.transform(cropped(plan)).with_effects([vfx.MirrorX()]).image_transform(turned(plan["hue"]))
    whole = CompositeVideoClip([picture, *titles(plan)], size=tuple(plan["size"]))
    whole.with_audio(clip.audio.with_effects([afx.AudioNormalize()])).write_videofile(
        plan["target"],
        fps=plan["fps"],
        codec="libx264",
        preset="veryfast",
        ffmpeg_params=["-crf", "21", "-pix_fmt", "yuv420p", "-movflags", "+faststart"],
        audio_codec="aac",
        audio_bitrate="128k",
        audio_fps=48000,
        threads=2,
        logger=None,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
