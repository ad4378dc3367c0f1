"""What is looked for in the pictures of a clip: one observer for each concern, all in one decode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.vlm.adapters.colours import ColourMeter, Colours
from actors.vlm.adapters.cuts import CutFinder
from actors.vlm.adapters.eye import Watched, watch
from actors.vlm.adapters.faces import Box, FaceWatch
from actors.vlm.adapters.motion import Motion, MotionMeter

__all__ = ["Seen", "see"]


@dataclass(frozen=True)
class Seen:
    """Everything measured on the pictures. `cuts`: first pictures of new shots; `faces`: per looked-at instant."""

    watched: Watched
    cuts: list[float]
    colours: Colours
    motion: list[Motion]
    faces: list[tuple[float, tuple[Box, ...]]]


def see(
    path: Path,
    *,
    duration: float,
    faces_per_s: float,
    threads: int,
    every_frame: bool,
    progress: Callable[[float], None],
) -> Seen:
    """Look at the whole file. `duration` is the promised one, in seconds. Arguments and errors else as `watch`."""
    cuts, colours, motion = CutFinder(), ColourMeter(duration), MotionMeter()
    faces = FaceWatch(duration, faces_per_s)
    watched = watch(path, (cuts, colours, motion, faces), threads=threads, every_frame=every_frame, progress=progress)
    return Seen(
        watched=watched,
        cuts=cuts.finish(),
        colours=colours.finish(),
        motion=motion.finish(),
        faces=faces.finish(),
    )
