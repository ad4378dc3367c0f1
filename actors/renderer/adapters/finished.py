"""A finished file before anybody gets it: read back, judged, described, and given its picture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from actors.renderer.adapters.captions.aspects import aspects_of
from actors.renderer.adapters.quality import BadResult, Observer, report
from actors.renderer.adapters.sound import Sound
from actors.renderer.adapters.thumbnail import titled, write_thumbnail
from actors.renderer.core.places import spots
from actors.renderer.core.schedule import Schedule
from actors.renderer.ports import Made, Output
from contracts.timeline import Timeline

__all__ = ["BadResult", "finished"]


def finished(
    output: Output,
    size: tuple[int, int],
    timeline: Timeline,
    plan: Schedule,
    sound: Sound,
    observer: Observer,
    fonts: Path | None,
    coverage: float | None = None,
) -> Made:
    """What was measured on one finished file, whose thumbnail is written. Raises `BadResult`.

    `observer` has seen every picture of it. `coverage`: share of the spoken words that were drawn as captions.
    """
    captions = timeline.captions
    paint = titled(timeline.cover, captions.style, size, fonts, captions.language) if timeline.cover else None
    seen = spots(timeline, plan, size, aspects_of(timeline))
    with ThreadPoolExecutor(1, "thumbnail") as pool:  # while the file is read; nobody else uses the processors now
        drawing = pool.submit(write_thumbnail, observer.candidates, output.thumbnail, paint, seen)
        quality = report(
            output.video,
            fps=plan.fps,
            frames=plan.frames,
            sound=sound,
            observer=observer,
            target=timeline.sound.loudness,
            coverage=coverage,
            platforms=timeline.captions.platforms,
        )
        drawing.result()
    return Made(shape=output.shape, width=size[0], height=size[1], quality=quality)
