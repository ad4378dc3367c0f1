"""The pipe: timeline to finished files. A thread makes the pictures; this one encodes; a third makes the sound.

Decoding and encoding take nine tenths of the time and leave the interpreter lock alone, so two threads keep every
core busy. The queue between them is short, which bounds the memory whatever the length.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av

from actors.renderer.adapters.copying import LABEL as COPIED
from actors.renderer.adapters.copying import Copy, copy_of, write_copy
from actors.renderer.adapters.encode import Writer, encoder_label
from actors.renderer.adapters.encoders import Encoder, choose_encoder
from actors.renderer.adapters.feed import BrokenOff, Feed
from actors.renderer.adapters.finished import BadResult, finished
from actors.renderer.adapters.quality import Observer
from actors.renderer.adapters.sound import Sound, prepare_sound
from actors.renderer.adapters.source import TOLERATED, Reading, open_source, video_of
from actors.renderer.adapters.stage import Direction, Stage
from actors.renderer.core import Schedule, expanded, field_before, schedule, size_of
from actors.renderer.ports import Job, Made, Output, Rendered
from contracts.timeline import Timeline
from runtime.errors import Reject

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["Limits", "make_short"]

QUEUE = 2
SHORTEST = 0.5
BEYOND = 5.0
"""Seconds that a segment may end behind what its film says to be its length."""
REPORT_EVERY = 0.25

Progress = Callable[[float, float | None], None]


@dataclass(frozen=True)
class Limits:
    """What a source may be at most, where more fonts are, and which encoder is wanted."""

    max_pixels: int
    fonts: Path | None = None
    encoder: str = "auto"


class _Pictures(threading.Thread):
    """Makes the pictures of every shape ahead of the encoders."""

    def __init__(self, feed: Feed, stages: Sequence[Stage]) -> None:
        super().__init__(name="pictures", daemon=True)
        self._feed, self._stages = feed, stages
        self._queue: queue.Queue[tuple[VideoFrame, ...] | BaseException | None] = queue.Queue(QUEUE)
        self._closing = threading.Event()

    def __iter__(self) -> Iterator[tuple[VideoFrame, ...]]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def run(self) -> None:
        """Fill the queue; an error is handed to the reader."""
        try:
            with closing(iter(self._feed)) as shown:
                for number, pictures in enumerate(shown):
                    self._put(tuple(stage.picture(pictures, number) for stage in self._stages))
                    if self._closing.is_set():
                        return
            self._put(None)
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that reads
            self._put(error)

    def close(self) -> None:
        """End early, and wait for it: the decoder must be gone before the process tidies up."""
        self._closing.set()
        if self.is_alive():
            self.join()

    def _put(self, item: tuple[VideoFrame, ...] | BaseException | None) -> None:
        while not self._closing.is_set():
            try:
                self._queue.put(item, timeout=0.5)
            except queue.Full:
                continue
            return


def make_short(job: Job, outputs: Sequence[Output], limits: Limits, progress: Progress) -> Rendered:
    """Render, check and describe. Raises `Reject` for what can't be rendered, `BadResult` for a bad result."""
    timeline = expanded(job.timeline)
    try:
        _look_over(timeline, limits)
        try:
            return _made(timeline, outputs, limits, progress, ())
        except BrokenOff as broken:
            shorter, note = _shortened(timeline, broken)
            return _made(shorter, outputs, limits, progress, (note,))
    except Reject as error:
        raise Reject(error.what, advice=error.advice, field=field_before(job.timeline, error.field)) from error


def _look_over(timeline: Timeline, limits: Limits) -> None:
    """Open every film once, before anything is decoded. Raises `Reject` with the first segment that uses it."""
    films = dict.fromkeys(segment.source for segment in timeline.segments)
    for film in films:
        try:
            with open_source(Path(film)) as container:
                video_of(container, limits.max_pixels)
                length = container.duration / av.time_base if container.duration else None
        except Reject as error:
            number = next(n for n, segment in enumerate(timeline.segments) if segment.source == film)
            raise Reject(error.what, advice=error.advice, field=f"segments.{number}.source") from error
        if length is not None:
            _refuse_beyond(timeline, film, length)


def _refuse_beyond(timeline: Timeline, film: str, length: float) -> None:
    """Raises `Reject` for a segment far beyond the end of its film; a little beyond it is a rounding, or a torn end."""
    for number, segment in enumerate(timeline.segments):
        if segment.source == film and segment.end > length + BEYOND:
            raise Reject(
                f"The film is {length:.2f} s long, and the segment ends at {segment.end:.2f} s",
                advice="Times are seconds of the film: end the segment within it",
                field=f"segments.{number}.end",
            )


def _shortened(timeline: Timeline, broken: BrokenOff) -> tuple[Timeline, str]:
    """The timeline up to where its source ends. Raises `Reject` where too little is left of it."""
    segment = timeline.segments[broken.index]
    if broken.end - segment.start < SHORTEST or broken.index + 1 < len(timeline.segments):
        raise Reject(
            f"The source ends at {max(broken.end, 0):.2f} s; ordered are {segment.start:.2f} to {segment.end:.2f} s",
            advice="Download the clip again, it is probably cut off; or order an earlier span",
            field=f"segments.{broken.index}.end",
        ) from None
    last = segment.model_copy(update={"end": broken.end})
    shorter = timeline.model_copy(update={"segments": (*timeline.segments[: broken.index], last)})
    missing = timeline.duration - shorter.duration
    return shorter, f"The source ends at {broken.end:.2f} s: the short is {missing:.1f} s shorter than ordered"


def _made(
    timeline: Timeline, outputs: Sequence[Output], limits: Limits, progress: Progress, notes: tuple[str, ...]
) -> Rendered:
    plan = schedule(timeline)
    copy = copy_of(timeline, plan, limits.max_pixels)
    if copy is not None and (made := _copied(copy, timeline, plan, outputs, limits, notes)) is not None:
        return made
    sizes = tuple(size_of(timeline.canvas, output.shape) for output in outputs)
    encoder = choose_encoder(limits.encoder, sizes, plan.fps, timeline.quality)
    try:
        return _encoded(timeline, plan, outputs, limits, progress, notes, encoder)
    except BadResult as fault:
        if not encoder.hardware:
            raise
        note = f"{encoder.name} did not make what was ordered ({fault.what}): libx264 was used"
        return _encoded(timeline, plan, outputs, limits, progress, (*notes, note), Encoder())


def _copied(
    copy: Copy,
    timeline: Timeline,
    plan: Schedule,
    outputs: Sequence[Output],
    limits: Limits,
    notes: tuple[str, ...],
) -> Rendered | None:
    """The short with the source's own packets; None: they are not whole."""
    (output,) = outputs
    size = size_of(timeline.canvas, None)
    sound, observer = prepare_sound(timeline, plan), Observer(size, plan.fps)
    if not write_copy(copy, output.video, sound, observer, limits.max_pixels):
        return None
    made = finished(output, size, timeline, plan, sound, observer, limits.fonts)
    return _rendered((made,), plan, sound, COPIED, (*notes, *sound.warnings))


def _encoded(
    timeline: Timeline,
    plan: Schedule,
    outputs: Sequence[Output],
    limits: Limits,
    progress: Progress,
    notes: tuple[str, ...],
    encoder: Encoder,
) -> Rendered:
    direction = Direction(timeline, plan)
    sizes = [size_of(timeline.canvas, output.shape) for output in outputs]
    feed = Feed(timeline.segments, plan, limits.max_pixels)
    with ExitStack() as stack:
        stages = [
            stack.enter_context(
                closing(Stage(timeline, plan, size, direction, fonts=limits.fonts, max_pixels=limits.max_pixels))
            )
            for size in sizes
        ]
        pool = stack.enter_context(ThreadPoolExecutor(1, "sound"))
        pictures = stack.enter_context(closing(_Pictures(feed, stages)))
        pictures.start()
        ready = pool.submit(prepare_sound, timeline, plan)
        writers = [
            stack.enter_context(Writer(output.video, size, plan.fps, timeline.quality, encoder))
            for output, size in zip(outputs, sizes, strict=True)
        ]
        _encode(writers, pictures, ready, plan, progress)
        sound = ready.result()
    _refuse_broken(feed.readings)
    made = [
        finished(output, stage.size, timeline, plan, sound, stage.observer, limits.fonts, stage.captions.coverage)
        for output, stage in zip(outputs, stages, strict=True)
    ]
    remarks = [line for stage in stages for line in stage.remarks()]
    warnings = (*notes, *encoder.remarks, *remarks, *_damage(feed.readings), *sound.warnings)
    return _rendered(made, plan, sound, encoder_label(timeline.quality, encoder), warnings)


def _rendered(made: Sequence[Made], plan: Schedule, sound: Sound, encoder: str, warnings: Sequence[str]) -> Rendered:
    return Rendered(
        made=tuple(made),
        duration=plan.frames / plan.fps,
        fps=plan.fps,
        loudness=sound.level.loudness,
        true_peak=sound.level.true_peak,
        encoder=encoder,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _encode(
    writers: Sequence[Writer], pictures: _Pictures, ready: Future[Sound], plan: Schedule, progress: Progress
) -> None:
    began = reported = time.monotonic()
    sound_given = False
    number: int | None = None
    for number, shapes in enumerate(pictures):
        for writer, picture in zip(writers, shapes, strict=True):
            writer.picture(picture, number)
        if not sound_given and ready.done():
            _give(writers, ready.result())
            sound_given = True
        now = time.monotonic()
        if now - reported >= REPORT_EVERY:
            reported = now
            done = (number + 1) / plan.frames
            progress(0.98 * done, (now - began) * (1 - done) / done + 0.5)
    if number is None:
        raise Reject(
            "No picture of the source can be decoded in this span",
            advice="Download the clip again; if it plays elsewhere, convert it to H.264 first",
        )
    if not sound_given:
        _give(writers, ready.result())
    for writer in writers:
        writer.finish()


def _give(writers: Sequence[Writer], sound: Sound) -> None:
    for writer in writers:
        writer.sound(sound.packets)


def _refuse_broken(readings: Sequence[Reading]) -> None:
    for reading in readings:
        if reading.broken_share > TOLERATED:
            raise Reject(
                f"{reading.broken} of {reading.frames + reading.broken} pictures of the source are broken",
                advice="Download the clip again: the file is damaged",
            )


def _damage(readings: Sequence[Reading]) -> tuple[str, ...]:
    broken = sum(reading.broken for reading in readings)
    return (f"{broken} pictures of the source are damaged",) if broken else ()
