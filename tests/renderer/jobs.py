"""Jobs for tests: a span of a file in a recipe, as the plan of an order has it, and the short that it becomes."""

from __future__ import annotations

from pathlib import Path

import av
from av.error import FFmpegError

from actors.renderer.adapters.short import Limits, make_short
from actors.renderer.core import emphasised, framing_mode, spoken
from actors.renderer.ports import Job, Output, Rendered
from contracts.media import Word
from contracts.renders import Recipe
from contracts.sight import Framing
from contracts.timeline import Canvas, CaptionPlan, Segment, SoundPlan, Timeline
from tests.renderer.media import Seen, look

SMALL = Recipe(width=180, height=320, quality="draft", captions=False)


def job_of(
    source: Path,
    start: float = 0.0,
    end: float = 1.0,
    recipe: Recipe = Recipe(),
    framing: Framing | None = None,
    words: tuple[Word, ...] = (),
) -> Job:
    """A job of one segment. Words are seconds of the source."""
    mode = framing_mode(recipe.framing, framing, _aspect(source))
    path = framing if framing is not None and mode == framing.mode else Framing(mode=mode)
    said = tuple(Word(text=w.text, start=w.start, end=w.end) for w in spoken(words, start, end - start))
    timeline = Timeline(
        canvas=Canvas(width=recipe.width, height=recipe.height, fps=recipe.fps),
        shapes=recipe.shapes,
        segments=(Segment(source=str(source), start=start, end=end, framing=path, looks=recipe.looks),),
        captions=CaptionPlan(words=said, emphasis=emphasised(said), burnt=recipe.captions, style=recipe.caption_style),
        sound=SoundPlan(loudness=recipe.loudness),
        quality=recipe.quality,
    )
    return Job(timeline=timeline)


def outputs_at(video: Path) -> tuple[Output, ...]:
    """One output, with its picture beside it."""
    return (Output(video=video, thumbnail=video.with_suffix(".jpg")),)


def short(
    source: Path,
    start: float = 0.0,
    end: float = 1.0,
    recipe: Recipe = SMALL,
    framing: Framing | None = None,
    words: tuple[Word, ...] = (),
    max_pixels: int = 36_000_000,
) -> tuple[Rendered, Seen]:
    """Make it, beside its source; what is told of it, and what is seen."""
    out = source.with_name(f"short-of-{source.stem}.mp4")
    job = job_of(source, start, end, recipe, framing, words)
    rendered = make_short(job, outputs_at(out), Limits(max_pixels), lambda done, eta: None)
    return rendered, look(out)


def _aspect(source: Path) -> float:
    try:
        with av.open(str(source)) as container:
            context = container.streams.video[0].codec_context
            return context.width / context.height if context.height else 16 / 9
    except (FFmpegError, IndexError):
        return 16 / 9  # refused later, whatever its shape
