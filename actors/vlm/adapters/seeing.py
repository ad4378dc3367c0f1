"""What is looked for in the pictures of a clip: one observer for each concern, all in one decode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.vlm.adapters.people.watch import PeopleSeen, PeopleWatch
from actors.vlm.adapters.pictures.bars import BarFinder
from actors.vlm.adapters.pictures.colours import ColourMeter, Colours
from actors.vlm.adapters.pictures.cuts import CutFinder
from actors.vlm.adapters.pictures.eye import Watched, watch
from actors.vlm.adapters.pictures.fades import FadeFinder
from actors.vlm.adapters.pictures.logos import LogoFinder
from actors.vlm.adapters.pictures.motion import Motion, MotionMeter
from actors.vlm.adapters.pictures.screens import ScreenFinder
from actors.vlm.adapters.pictures.sharpness import SharpnessMeter
from actors.vlm.adapters.pictures.text import TextFinder
from actors.vlm.adapters.seen.prints import PicturePrinter
from contracts.media import Stretch
from contracts.sight import Area, Box, Fade

__all__ = ["Seen", "see"]


@dataclass(frozen=True)
class Seen:
    """Everything measured on the pictures. `cuts`: first pictures of new shots; `sharpness`: time and value."""

    watched: Watched
    cuts: list[float]
    fades: list[Fade]
    colours: Colours
    motion: list[Motion]
    sharpness: list[tuple[float, float]]
    text: list[Area]
    logos: list[Area]
    screens: list[Stretch]
    active: Box | None
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
    cuts, fades, colours, motion = CutFinder(), FadeFinder(), ColourMeter(duration), MotionMeter()
    sharpness, text, logos, screens, bars = SharpnessMeter(), TextFinder(), LogoFinder(), ScreenFinder(), BarFinder()
    people, prints = PeopleWatch(duration, faces_per_s), PicturePrinter()
    watched = watch(
        path,
        (cuts, fades, colours, motion, sharpness, text, logos, screens, bars, people, prints),
        threads=threads,
        every_frame=every_frame,
        progress=progress,
    )
    return Seen(
        watched=watched,
        cuts=cuts.finish(),
        fades=fades.finish(),
        colours=colours.finish(),
        motion=motion.finish(),
        sharpness=sharpness.finish(),
        text=text.finish(),
        logos=logos.finish(),
        screens=screens.finish(),
        active=bars.finish(),
        people=people.finish(),
        prints=prints.finish(),
    )
