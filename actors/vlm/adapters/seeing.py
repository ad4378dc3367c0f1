"""What is looked for in the pictures of a clip: one observer for each concern, all in one decode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.vlm.adapters.colours import ColourMeter, Colours
from actors.vlm.adapters.cuts import CutFinder
from actors.vlm.adapters.eye import Watched, watch
from actors.vlm.adapters.motion import Motion, MotionMeter
from actors.vlm.adapters.people import PeopleSeen, PeopleWatch
from actors.vlm.adapters.prints import PicturePrinter

__all__ = ["Seen", "see"]


@dataclass(frozen=True)
class Seen:
    """Everything measured on the pictures. `cuts`: first pictures of new shots."""

    watched: Watched
    cuts: list[float]
    colours: Colours
    motion: list[Motion]
    people: PeopleSeen
    prints: bytes


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
    people, prints = PeopleWatch(duration, faces_per_s), PicturePrinter()
    watched = watch(path, (cuts, colours, motion, people, prints), threads=threads, every_frame=every_frame, progress=progress)
    return Seen(
        watched=watched,
        cuts=cuts.finish(),
        colours=colours.finish(),
        motion=motion.finish(),
        people=people.finish(),
        prints=prints.finish(),
    )
