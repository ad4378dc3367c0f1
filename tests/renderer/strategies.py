"""Timelines made at random, for the parts of the renderer that only calculate."""

from __future__ import annotations

from hypothesis import strategies as st

from contracts.media import Word
from contracts.style import LookUse, Transition
from contracts.timeline import (
    Canvas,
    CaptionPlan,
    Effect,
    ImageOverlay,
    InsertOverlay,
    Music,
    Overlay,
    ProgressOverlay,
    Segment,
    SoundPlan,
    Timeline,
    TitleOverlay,
    Voice,
    WatermarkOverlay,
)

__all__ = ["timelines"]

SOURCES = ("/media/talk.mp4", "media://clips/a/source.mp4", "b roll.mov")
times = st.floats(0, 12)


@st.composite
def timelines(draw: st.DrawFn, looks: tuple[str, ...] = ("speed_ramp", "warm")) -> Timeline:
    """Some segments with transitions that fit, overlays of every kind, sound, and words."""
    segments = draw(_segments(looks))
    return Timeline(
        canvas=Canvas(fps=draw(st.sampled_from((12, 24, 25, 30, 60)))),
        segments=segments,
        overlays=draw(st.lists(_overlays(), max_size=4)),
        captions=CaptionPlan(words=draw(_words()), language="en"),
        sound=draw(_sounds()),
    )


@st.composite
def _segments(draw: st.DrawFn, looks: tuple[str, ...]) -> tuple[Segment, ...]:
    found: list[Segment] = []
    room = 0.0
    for _ in range(draw(st.integers(1, 4))):
        start, length = draw(st.floats(0, 100)), draw(st.floats(0.04, 5))
        use = tuple(LookUse(name=name, strength=draw(st.floats(0, 1))) for name in looks if draw(st.booleans()))
        segment = Segment(
            source=draw(st.sampled_from(SOURCES)),
            start=start,
            end=start + length,
            speed=draw(st.sampled_from((0.25, 0.5, 1.0, 1.0, 1.3, 4.0))),
            mute=draw(st.booleans()),
            looks=use,
        )
        shared = min(segment.duration, room, 3.0) * draw(st.sampled_from((0.0, 0.3, 0.9)))
        if found and shared > 0.001:
            segment = segment.model_copy(update={"transition": Transition(seconds=shared)})
        else:
            shared = 0.0
        found.append(segment)
        room = segment.duration - shared
    return tuple(found)


@st.composite
def _overlays(draw: st.DrawFn) -> Overlay:
    start = draw(times)
    span = {"start": start, "end": draw(st.one_of(st.none(), st.floats(0.01, 5).map(lambda length: start + length)))}
    kinds: tuple[Overlay, ...] = (
        ImageOverlay(source="logo.png", **span),
        InsertOverlay(source=SOURCES[2], source_start=draw(times), **span),
        TitleOverlay(text="Wait for it", **span),
        ProgressOverlay(**span),
        WatermarkOverlay(text="@me", **span),
        WatermarkOverlay(source="logo.png", **span),
    )
    return draw(st.sampled_from(kinds))


@st.composite
def _words(draw: st.DrawFn) -> tuple[Word, ...]:
    clock, found = 0.0, []
    for _ in range(draw(st.integers(0, 8))):
        start = clock + draw(st.floats(0, 1))
        clock = start + draw(st.floats(0.05, 1))
        found.append(Word(text=draw(st.sampled_from(("So", "héllo", "100", "km.", "世界"))), start=start, end=clock))
    return tuple(found)


@st.composite
def _sounds(draw: st.DrawFn) -> SoundPlan:
    ends = st.one_of(st.none(), st.floats(1.1, 5))
    return SoundPlan(
        voices=draw(st.lists(st.builds(Voice, source=st.just("v.wav"), at=times, end=ends), max_size=3)),
        music=draw(st.one_of(st.none(), st.just(Music(source="bed.ogg", start=2.0)))),
        effects=draw(st.lists(st.builds(Effect, source=st.just("pop.wav"), at=times), max_size=3)),
    )
