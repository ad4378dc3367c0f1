"""From an order and what is known of its clip to a timeline. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actors.renderer.core.framing import framing_mode, framing_within
from actors.renderer.core.tighten import tighten
from actors.renderer.core.words import emphasised, spoken, words_within
from contracts.events import RenderRequested
from contracts.media import Clip, Transcript, Word
from contracts.renders import Recipe
from contracts.sight import Analysis, Framing
from contracts.style import LookUse
from contracts.text import language_tag
from contracts.timeline import (
    Area,
    Canvas,
    CaptionPlan,
    Music,
    Overlay,
    ProgressOverlay,
    Segment,
    SoundPlan,
    Timeline,
    TitleOverlay,
    WatermarkOverlay,
)

__all__ = ["field_of_order", "plan", "sources_of", "with_sources"]

HOOK_S = 3.0
BEAT_S = 3.0
QUIET_LUFS = -50.0
"""Momentary loudness of a pause between words, room and all."""


def plan(asked: RenderRequested, clip: Clip, transcript: Transcript | None, analysis: Analysis | None) -> Timeline:
    """The timeline of a short: a span of a clip as its recipe wants it. Sources are `media://` keys.

    The span must lie within the clip.
    """
    recipe = asked.recipe
    start, end = asked.start, min(asked.end, clip.duration)
    words = words_within(transcript, start, end) if transcript else ()
    language = language_tag(transcript.language) if transcript else None
    spans: Sequence[tuple[float, float]] = ((start, end),)
    quiet = _quiet(analysis, start, end) if not words else ()
    if recipe.tighten != "no" and (words or quiet):
        spans = tighten(start, end, words, recipe.tighten, language, silences=quiet)
    segments = _segments(recipe, clip.media.uri, spans, _framing(recipe, clip, analysis), analysis)
    duration = sum(each.duration for each in segments)
    duration -= sum(each.transition.seconds for each in segments if each.transition)
    said = _said(words, segments, duration)
    weighty = emphasised(said)
    if not weighty:
        segments = [each.model_copy(update={"looks": _beating(each.looks)}) for each in segments]
    return Timeline(
        canvas=Canvas(width=recipe.width, height=recipe.height, fps=recipe.fps),
        shapes=recipe.shapes,
        segments=tuple(segments),
        overlays=tuple(_overlays(recipe, asked.title, duration)),
        captions=CaptionPlan(
            words=said,
            emphasis=weighty,
            language=language,
            burnt=recipe.captions,
            style=recipe.caption_style,
            color=recipe.caption_color,
            platforms=recipe.platforms,
        ),
        sound=SoundPlan(loudness=recipe.loudness, music=Music(source=recipe.music) if recipe.music else None),
        cover=asked.title,
        quality=recipe.quality,
    )


def _quiet(analysis: Analysis | None, start: float, end: float) -> tuple[tuple[float, float], ...]:
    """Spans in which the analysis heard next to nothing: for a clip whose words are not known."""
    points = [point for point in analysis.loudness if start <= point.t < end] if analysis else []
    spans: list[tuple[float, float]] = []
    for point, following in zip(points, [*(later.t for later in points[1:]), end], strict=False):
        if point.lufs > QUIET_LUFS:
            continue
        if spans and spans[-1][1] == point.t:
            spans[-1] = spans[-1][0], following
        else:
            spans.append((point.t, following))
    return tuple(spans)


def _said(words: Sequence[Word], segments: Sequence[Segment], duration: float) -> tuple[Word, ...]:
    """The words on the timeline's clock, in order, none beyond its end; those that were cut out are gone."""
    found: list[Word] = []
    clock = 0.0
    for segment in segments:
        clock -= segment.transition.seconds if segment.transition else 0.0
        inside = [word for word in words if segment.start <= (word.start + word.end) / 2 < segment.end]
        for word in spoken(inside, segment.start, segment.duration):
            found.append(Word(text=word.text, start=clock + word.start, end=clock + word.end))
        clock += segment.duration
    return tuple(Word(text=word.text, start=word.start, end=word.end) for word in spoken(found, 0.0, duration))


def _framing(recipe: Recipe, clip: Clip, analysis: Analysis | None) -> Framing:
    known = analysis.framing if analysis is not None else None
    mode = framing_mode(recipe.framing, known, clip.width / clip.height)
    if known is not None and recipe.framing == "auto" and mode == known.mode:
        return known
    return Framing(mode=mode)


def _segments(
    recipe: Recipe, source: str, spans: Sequence[tuple[float, float]], framing: Framing, analysis: Analysis | None
) -> list[Segment]:
    segments: list[Segment] = []
    for number, (start, end) in enumerate(spans):
        before = segments[-1] if segments else None
        room = min(end - start, before.duration if before else 0.0) / 2
        transition = recipe.transition if number and recipe.transition and recipe.transition.seconds <= room else None
        segments.append(
            Segment(
                source=source,
                start=start,
                end=end,
                framing=framing_within(framing, start, end),
                areas=_areas(analysis, start, end),
                looks=recipe.looks,
                transition=transition,
            )
        )
    return segments


def _beating(looks: Sequence[LookUse]) -> tuple[LookUse, ...]:
    """Looks whose beats come by the clock, where no word carries weight."""
    return tuple(use if use.every is not None else use.model_copy(update={"every": BEAT_S}) for use in looks)


def _areas(analysis: Analysis | None, start: float, end: float) -> tuple[Area, ...]:
    if analysis is None:
        return ()
    return tuple(area for area in analysis.areas if area.end > start and area.start < end)


def _overlays(recipe: Recipe, title: str, duration: float) -> list[Overlay]:
    found: list[Overlay] = []
    if recipe.watermark_image:
        found.append(WatermarkOverlay(source=recipe.watermark_image))
    elif recipe.watermark:
        found.append(WatermarkOverlay(text=recipe.watermark))
    if recipe.progress_bar:
        found.append(ProgressOverlay())
    if recipe.hook and title:
        found.append(TitleOverlay(text=title, end=min(HOOK_S, duration)))
    return found


def field_of_order(field: str | None) -> str | None:
    """Where a person who ordered a render finds what a field of its timeline was made from."""
    match (field or "").split("."):
        case ["captions", "style"]:
            return "recipe.caption_style"
        case ["segments", _, ("looks" | "transition") as part, *rest]:
            return ".".join(["recipe", part, *rest])
        case ["segments", _, "source"]:
            return "clip_id"
        case ["segments", _, ("start" | "end") as part]:
            return part
        case ["overlays" | "sound" | "captions", *_]:
            return "recipe"
    return field


def sources_of(timeline: Timeline) -> tuple[str, ...]:
    """Every file that a timeline is made of, each once, in the order of their use."""
    return tuple(dict.fromkeys(source for _, source in timeline.sources()))


def with_sources(timeline: Timeline, places: Mapping[str, str]) -> Timeline:
    """The same timeline with each source replaced by what `places` says of it."""
    body = timeline.model_dump()
    for field, source in timeline.sources():
        *way, last = field.split(".")
        user: Any = body
        for step in way:
            user = user[int(step) if step.isdigit() else step]
        user[last] = places[source]
    return Timeline.model_validate(body)
