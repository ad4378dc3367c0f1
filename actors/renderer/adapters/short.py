"""The pipe: source to finished file. A thread decodes, frames and captions; this one encodes; a third makes the sound.

Decoding and encoding take nine tenths of the time and leave the interpreter lock alone, so two threads keep every
core busy. The queue between them is short, which bounds the memory whatever the length.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from actors.renderer.adapters.captions import Captions
from actors.renderer.adapters.encode import Writer, encoder_label
from actors.renderer.adapters.finished import inspect, write_thumbnail
from actors.renderer.adapters.picture import Camera, Shape
from actors.renderer.adapters.sound import Sound, prepare
from actors.renderer.adapters.source import TOLERATED, Reading, open_source, resampled, video_frames, video_of
from actors.renderer.core import caption_pages, caption_states, framing_mode, framing_path, picture_remarks, spoken
from actors.renderer.ports import Job, Rendered
from runtime.errors import Reject

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["Limits", "make_short"]

QUEUE = 2
HOLD = 0.5
SHORTEST = 0.5
REPORT_EVERY = 0.25

Progress = Callable[[float, float | None], None]


@dataclass(frozen=True)
class Limits:
    """What a source may be at most, and where more fonts are."""

    max_pixels: int
    fonts: Path | None = None


class _BrokenOff(Exception):  # noqa: N818  # not an error: the short is made again up to there
    """The source ends before the span does, at second `end` of the clip."""

    def __init__(self, end: float) -> None:
        super().__init__(end)
        self.end = end


class _Pictures(threading.Thread):
    """Makes the short's pictures ahead of the encoder."""

    def __init__(self, job: Job, frames: int, limits: Limits) -> None:
        super().__init__(name="pictures", daemon=True)
        self.reading = Reading()
        self.remarks: tuple[str, ...] = ()
        self.captions = _captions(job, frames, limits)
        self._job, self._frames, self._limits = job, frames, limits
        self._queue: queue.Queue[VideoFrame | BaseException | None] = queue.Queue(QUEUE)
        self._closing = threading.Event()

    def __iter__(self) -> Iterator[VideoFrame]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def run(self) -> None:
        """Fill the queue; an error is handed to the reader."""
        try:
            for frame in self._made():
                self._put(frame)
                if self._closing.is_set():
                    return
            self._put(None)
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that reads
            self._put(error)

    def close(self) -> None:
        """End early, and wait for it: the decoder must be gone before the process tidies up."""
        self._closing.set()
        self.join()

    def _put(self, item: VideoFrame | BaseException | None) -> None:
        while not self._closing.is_set():
            try:
                self._queue.put(item, timeout=0.5)
            except queue.Full:
                continue
            return

    def _made(self) -> Iterator[VideoFrame]:
        job, recipe, reading = self._job, self._job.recipe, self.reading
        path = framing_path(job.framing, job.start, self._frames, recipe.fps)
        decoded = video_frames(job.source, job.start, job.end, self._limits.max_pixels, reading)
        camera: Camera | None = None
        for number, timed in resampled(decoded, job.start, recipe.fps, self._frames):
            frame = timed.frame
            shape = Shape(frame.width, frame.height, reading.pixel_aspect, reading.rotation)
            if camera is None:
                wide, high = shape.display
                mode = framing_mode(recipe.framing, job.framing, wide / high, recipe.width / recipe.height)
                camera = Camera(recipe.width, recipe.height, mode)
                self.remarks = picture_remarks((wide, high), (recipe.width, recipe.height), mode)
            if timed.last and not reading.complete and job.start + number / recipe.fps > reading.until + HOLD:
                raise _BrokenOff(reading.until)
            picture = camera.shoot(frame, shape, path[number] if camera.mode == "track" else (0.5, 0.5))
            self.captions.burn(picture, number)
            yield picture


def _captions(job: Job, frames: int, limits: Limits) -> Captions:
    recipe = job.recipe
    duration = frames / recipe.fps
    words = spoken(job.words, job.start, duration) if recipe.captions else ()
    pages = caption_pages(words, duration)
    states = caption_states(pages, recipe.fps, frames)
    return Captions(pages, states, recipe.caption_style, (recipe.width, recipe.height), limits.fonts)


def make_short(job: Job, video: Path, thumbnail: Path, limits: Limits, progress: Progress) -> Rendered:
    """Render, check and describe. Raises `Reject` for a source that can't be rendered, `BadResult` for a bad result."""
    with open_source(job.source) as container:
        video_of(container, limits.max_pixels)  # refused before anything is decoded
    try:
        return _made(job, video, thumbnail, limits, progress, ())
    except _BrokenOff as broken:
        left = broken.end - job.start
        if left < SHORTEST:
            raise Reject(
                f"The source ends at {max(broken.end, 0):.2f} s, and the span begins at {job.start:.2f} s",
                advice="Download the clip again, it is probably cut off; or order an earlier span",
            ) from None
        note = f"The source ends at {broken.end:.2f} s: the short is {job.end - broken.end:.1f} s shorter than ordered"
        return _made(job.model_copy(update={"end": broken.end}), video, thumbnail, limits, progress, (note,))


def _made(
    job: Job, video: Path, thumbnail: Path, limits: Limits, progress: Progress, notes: tuple[str, ...]
) -> Rendered:
    recipe = job.recipe
    frames = max(1, round((job.end - job.start) * recipe.fps))
    pictures = _Pictures(job, frames, limits)
    with ThreadPoolExecutor(1, "sound") as pool, closing(pictures):
        pictures.start()
        ready = pool.submit(prepare, job.source, job.start, frames / recipe.fps, recipe.loudness)
        _encode(job, video, pictures, ready, frames, progress)
        sound = ready.result()
    _refuse_broken(pictures.reading)
    level = inspect(video, recipe, frames, sound)
    write_thumbnail(video, thumbnail)
    return Rendered(
        duration=frames / recipe.fps,
        width=recipe.width,
        height=recipe.height,
        fps=recipe.fps,
        loudness=level.loudness,
        true_peak=level.true_peak,
        encoder=encoder_label(recipe),
        warnings=(*notes, *pictures.remarks, *_damage(pictures.reading), *sound.warnings, *pictures.captions.remarks()),
    )


def _encode(job: Job, video: Path, pictures: _Pictures, ready: Future[Sound], frames: int, progress: Progress) -> None:
    began = reported = time.monotonic()
    sound_given = False
    number: int | None = None
    with Writer(video, job.recipe) as writer:
        for number, picture in enumerate(pictures):
            writer.picture(picture, number)
            if not sound_given and ready.done():
                writer.sound(ready.result().packets)
                sound_given = True
            now = time.monotonic()
            if now - reported >= REPORT_EVERY:
                reported = now
                done = (number + 1) / frames
                progress(0.98 * done, (now - began) * (1 - done) / done + 0.5)
        if number is None:
            raise Reject(
                "No picture of the source can be decoded in this span",
                advice="Download the clip again; if it plays elsewhere, convert it to H.264 first",
            )
        if not sound_given:
            writer.sound(ready.result().packets)
        writer.finish()


def _refuse_broken(reading: Reading) -> None:
    if reading.broken_share > TOLERATED:
        raise Reject(
            f"{reading.broken} of {reading.frames + reading.broken} pictures of the source are broken",
            advice="Download the clip again: the file is damaged",
        )


def _damage(reading: Reading) -> tuple[str, ...]:
    return (f"{reading.broken} pictures of the source are damaged",) if reading.broken else ()
