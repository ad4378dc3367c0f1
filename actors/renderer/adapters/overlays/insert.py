"""Other footage in place of the segment's picture; only what is seen of it is decoded."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from actors.renderer.adapters.feed import HOLD
from actors.renderer.adapters.overlays.presence import Presence, presence
from actors.renderer.adapters.picture import Camera, Shape
from actors.renderer.adapters.planes import planes_of
from actors.renderer.adapters.source import Reading, TimedFrame, open_source, resampled, video_frames, video_of
from actors.renderer.core import Schedule, aims
from contracts.timeline import InsertOverlay
from runtime.errors import Reject

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["InsertPainter"]


class InsertPainter:
    """One insert. Where its footage ends `HOLD` before it does, the segment is seen again."""

    def __init__(
        self, overlay: InsertOverlay, schedule: Schedule, size: tuple[int, int], max_pixels: int, field: str
    ) -> None:
        self._overlay, self._field, self._fps = overlay, field, schedule.fps
        self._max_pixels = max_pixels
        length = _length(overlay, max_pixels, field)
        asked = presence(overlay.start, overlay.end, overlay.fade, schedule, field)
        there = round(length * schedule.fps) if length is not None else asked.last - asked.first
        if there + HOLD * schedule.fps < asked.last - asked.first:  # known before, so that it can fade out
            last = asked.first + max(1, there)
            self._shown = Presence(asked.first, last, min(asked.rise, there / 2))
        else:
            self._shown = asked
        self._until: int | None = self._shown.last if self._shown is not asked else None
        self._asked = asked
        count = self._shown.last - self._shown.first
        self._aims = aims(overlay.framing, overlay.source_start, count, 1 / schedule.fps, schedule.fps)
        self._camera = Camera(*size)
        self._reading = Reading()
        self._pictures: Generator[TimedFrame, None, None] | None = None

    def paint(self, frame: VideoFrame, number: int) -> None:
        """See `Painter.paint`."""
        share = self._shown.share(number)
        if not share or (self._until is not None and number >= self._until):
            return
        timed = self._next(number)
        if timed is None:
            self._until = number
            self.close()
            return
        source, reading = timed.frame, self._reading
        shape = Shape(source.width, source.height, reading.pixel_aspect, reading.rotation)
        made = self._camera.shoot(source, shape, self._aims[number - self._shown.first])
        for target, plane in zip(planes_of(frame), planes_of(made), strict=True):
            if share >= 1.0:
                target[:] = plane
            else:
                target[:] = _mixed(target, plane, share)
        if number + 1 >= self._shown.last:
            self.close()

    def remarks(self) -> tuple[str, ...]:
        """See `Painter.remarks`."""
        found = [self._asked.remark] if self._asked.remark else []
        if self._until == self._asked.first < self._asked.last:
            found.append(f"{self._field}: no picture of its footage can be decoded there; it shows the segment")
        elif self._until is not None and self._overlay.end is not None:
            missing = (self._asked.last - self._until) / self._fps
            found.append(f"{self._field}: its footage is {missing:.1f} s too short; the rest shows the segment")
        if self._reading.broken:
            found.append(f"{self._field}: {self._reading.broken} pictures of its footage are damaged")
        return tuple(found)

    def close(self) -> None:
        """See `Painter.close`."""
        if self._pictures is not None:
            self._pictures.close()
            self._pictures = None

    def _next(self, number: int) -> TimedFrame | None:
        """What is on screen on picture `number`; None where the footage has ended."""
        if self._pictures is None:
            self._pictures = self._footage(number)
        timed = next(self._pictures, None)
        moment = self._overlay.source_start + (number - self._shown.first) / self._fps
        over = timed is not None and timed.last and not self._reading.complete
        return None if over and moment > self._reading.until + HOLD else timed

    def _footage(self, number: int) -> Generator[TimedFrame, None, None]:
        """The pictures from `number` on, decoded as they are asked for."""
        begin = self._overlay.source_start + (number - self._shown.first) / self._fps
        count = self._shown.last - number
        end, path = begin + count / self._fps, Path(self._overlay.source)
        decoded = video_frames(path, begin, end, self._max_pixels, self._reading)
        with closing(decoded):
            for _, timed in resampled(decoded, begin, self._fps, count):
                yield timed


def _length(overlay: InsertOverlay, max_pixels: int, field: str) -> float | None:
    """Seconds of footage from where it begins; None where the file does not tell. Raises `Reject`."""
    path = Path(overlay.source)
    if not path.is_file():
        raise Reject(
            f"There is no footage at {path.name}",
            advice="Check the path; a relative one starts at the plan's folder",
            field=f"{field}.source",
        )
    try:
        with open_source(path) as container:
            video_of(container, max_pixels)
            whole = container.duration / av.time_base if container.duration else None
    except Reject as error:
        raise Reject(
            f"{path.name} can't be inserted: {error.what}",
            advice=f"{error.advice}; a still picture is an overlay of kind image",
            field=f"{field}.source",
        ) from error
    if whole is not None and overlay.source_start >= whole:
        raise Reject(
            f"{path.name} is {whole:.2f} s long, and is to start at {overlay.source_start:.2f} s",
            advice="Give a second that lies within it",
            field=f"{field}.source_start",
        )
    return None if whole is None else whole - overlay.source_start


def _mixed(before: Any, after: Any, share: float) -> Any:
    part = round(share * 256)
    return ((before.astype(np.uint16) * (256 - part) + after.astype(np.uint16) * part + 128) >> 8).astype(np.uint8)
