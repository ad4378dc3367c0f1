"""One shape of the short: camera, looks, transitions and everything that lies over the picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from actors.renderer.adapters.captions import captions_of
from actors.renderer.adapters.feed import Shown
from actors.renderer.adapters.looks.chain import Chain
from actors.renderer.adapters.looks.look import Instant
from actors.renderer.adapters.overlays import painters
from actors.renderer.adapters.overlays.insert import InsertPainter
from actors.renderer.adapters.picture import Camera, Shape
from actors.renderer.adapters.planes import planes_of
from actors.renderer.adapters.quality import Observer
from actors.renderer.adapters.transitions import transition_named
from actors.renderer.core import Aim, Cut, Schedule, aims, beats_of, look_cuts, panels, picture_remarks
from contracts.timeline import Timeline

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["Direction", "Stage"]


class Direction:
    """Where the camera looks on every picture; the same for every shape."""

    def __init__(self, timeline: Timeline, schedule: Schedule) -> None:
        self._timeline, self._schedule = timeline, schedule
        self._aims: dict[Cut, list[Aim]] = {}

    def aim(self, cut: Cut, number: int) -> Aim:
        """The aim of a cut on a picture of the timeline."""
        if cut not in self._aims:
            for ended in [each for each in self._aims if each.last <= number]:
                del self._aims[ended]
            framing = self._timeline.segments[cut.index].framing
            self._aims[cut] = aims(framing, cut.start, cut.frames, cut.step, self._schedule.fps)
        return self._aims[cut][number - cut.first]


class Stage:
    """Makes the pictures of one shape. Raises `Reject` for looks, styles and overlays that can't be had."""

    def __init__(
        self,
        timeline: Timeline,
        schedule: Schedule,
        size: tuple[int, int],
        direction: Direction,
        *,
        fonts: Path | None,
        max_pixels: int,
    ) -> None:
        self.size = size
        self._timeline, self._schedule, self._direction = timeline, schedule, direction
        self._camera = Camera(*size)
        self._chains: dict[Cut, tuple[Chain, tuple[float, ...]]] = {}
        self._whole = look_cuts(timeline.segments, schedule)
        self._mixes = {
            cut: transition_named(transition.name, f"segments.{cut.index}.transition.name")
            for cut in schedule.cuts
            if (transition := timeline.segments[cut.index].transition) is not None
        }
        for cut in schedule.cuts:  # a look that does not exist is said before anything is made
            self._chain(cut)
        self._chains.clear()
        self.captions = captions_of(timeline, schedule, size, fonts)
        drawn = painters(timeline, schedule, size, fonts, max_pixels)
        self._inserts = [each for each in drawn if isinstance(each, InsertPainter)]
        self._painters = [*(each for each in drawn if each not in self._inserts), self.captions]
        self.observer = Observer(size, schedule.fps)
        self._remarks: tuple[str, ...] | None = None

    def picture(self, shown: tuple[Shown, ...], number: int) -> VideoFrame:
        """Picture `number`, which the caller owns."""
        made = [self._shot(each, number) for each in shown]
        picture = made[-1]
        if len(made) > 1:
            cut = shown[-1].cut
            share = (number - cut.first + 1) / (cut.blend + 1)
            self._mixes[cut](planes_of(made[-2]), planes_of(picture), share)
        for insert in self._inserts:
            insert.paint(picture, number)
        self.observer.see(picture, number)
        for painter in self._painters:
            painter.paint(picture, number)
        return picture

    def remarks(self) -> tuple[str, ...]:
        """What a person should know of what was drawn, and of what could not be; after the last picture."""
        said = [
            *(self._remarks or ()),
            *(line for painter in (*self._inserts, *self._painters) for line in painter.remarks()),
        ]
        return tuple(dict.fromkeys(said))

    def close(self) -> None:
        """Let go of the files that overlays have open."""
        for painter in (*self._inserts, *self._painters):
            painter.close()

    def _shot(self, shown: Shown, number: int) -> VideoFrame:
        cut, frame, reading = shown.cut, shown.frame, shown.reading
        fps = self._schedule.fps
        shape = Shape(frame.width, frame.height, reading.pixel_aspect, reading.rotation)
        aim = self._direction.aim(cut, number)
        if self._remarks is None:
            wide, high = shape.display
            fitted = panels(aim, wide / high, *self.size)[0].fit
            self._remarks = picture_remarks(shape.display, self.size, fit=fitted)
        whole = self._whole[cut]
        chain, beats = self._chain(whole)
        at = Instant(
            frame=number - whole.first,
            time=(number - whole.first) / fps,
            duration=whole.frames / fps,
            fps=fps,
            beats=beats,
        )
        return chain.apply(self._camera.shoot(frame, shape, aim, chain.view(at)), at)

    def _chain(self, cut: Cut) -> tuple[Chain, tuple[float, ...]]:
        if cut not in self._chains:
            for ended in [each for each in self._chains if each.last <= cut.first]:
                del self._chains[ended]
            looks = self._timeline.segments[cut.index].looks
            chain = Chain(looks, self.size, self._schedule.fps, field=f"segments.{cut.index}.looks")
            self._chains[cut] = chain, beats_of(self._timeline, cut, self._schedule.fps)
        return self._chains[cut]
