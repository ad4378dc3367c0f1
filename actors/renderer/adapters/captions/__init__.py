"""Captions burnt in: words in pages, the spoken one set apart, in a style, clear of what lies on the picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from actors.renderer.adapters.captions.aspects import aspects_of
from actors.renderer.adapters.captions.clusters import leftwards
from actors.renderer.adapters.captions.painter import CaptionPainter, Script
from actors.renderer.adapters.captions.styles import Style, style_named
from actors.renderer.adapters.captions.typeset import case_of
from actors.renderer.core import Page, Room, Schedule, SpokenWord, caption_pages, caption_states, spoken
from actors.renderer.core.glue import whole
from actors.renderer.core.places import Block, centers, spots
from actors.renderer.core.safe import safe_area
from contracts.timeline import CaptionPlan, Timeline

__all__ = ["CaptionPainter", "captions_of"]

TALL_AT, WIDE_AT = 0.70, 0.82
"""Height of the captions' middle where nothing is in the way: below faces, above platforms' texts."""


def captions_of(timeline: Timeline, schedule: Schedule, size: tuple[int, int], fonts: Path | None) -> CaptionPainter:
    """What paints the captions of a timeline into pictures of `size`. Raises `Reject` for an unknown style."""
    plan, (width, height) = timeline.captions, size
    style = style_named(plan.style).lit(plan.color)
    duration = schedule.frames / schedule.fps
    words = spoken(plan.words if plan.burnt else (), 0.0, duration)
    case = case_of(style, size, fonts, plan.language)
    safe = safe_area(plan.platforms, width, height)
    room = min(style.width, safe.centered_width) * width
    weighty = _weighty(plan, words)
    widths = [case.width(word.text, style.emphasis_scale if n in weighty else 1.0) for n, word in enumerate(words)]
    pages = caption_pages(words, duration, Room(room, case.space, style.lines, style.words), widths)
    anchor = TALL_AT if height > width else WIDE_AT
    blocks = [_block(page, widths, style, size, schedule) for page in pages]
    found = spots(timeline, schedule, size, aspects_of(timeline)) if pages else ()
    script = Script(
        pages=pages,
        states=caption_states(pages, schedule.fps, schedule.frames),
        centers=centers(blocks, found, safe, anchor, schedule.fps),
        room=room,
        edges=(safe.top * height, safe.bottom * height),
        emphasis=weighty,
        base=int(leftwards([word.text for word in words], plan.language)),
        fps=schedule.fps,
    )
    return CaptionPainter(script, style, case, size)


def _weighty(plan: CaptionPlan, words: Sequence[SpokenWord]) -> frozenset[int]:
    """Which of the words as shown carry weight; all of a quantity does where its number does."""
    chosen = {(" ".join(word.text.split()), round(word.start, 2)) for word in (plan.words[n] for n in plan.emphasis)}
    found = {n for n, word in enumerate(words) if (word.text, round(word.start, 2)) in chosen}
    return whole(found, [word.text for word in words])


def _block(page: Page, widths: Sequence[float], style: Style, size: tuple[int, int], schedule: Schedule) -> Block:
    """How much of the picture a page takes, nearly."""
    unit = min(size) / 1080
    own = widths[page.first : page.first + len(page.words)]
    across = min(1.0, (sum(own) / max(1, len(page.lines)) + max(own)) / size[0])
    down = max(1, len(page.lines)) * style.line * style.em * unit / size[1]
    return Block(round(page.start * schedule.fps), max(round(page.end * schedule.fps), 1), across, down)
