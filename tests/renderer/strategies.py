"""Timelines made at random: any for the parts of the renderer that only calculate, and tiny ones to render."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from actors.renderer.adapters.captions.styles import STYLES
from actors.renderer.adapters.looks import LOOKS
from actors.renderer.adapters.transitions import TRANSITIONS
from contracts.media import Word
from contracts.sight import Framing, FramingPoint
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

__all__ = ["Files", "timelines", "tiny_timelines"]


@dataclass(frozen=True)
class Files:
    """What a timeline is made from. Those that are rendered last three seconds."""

    films: tuple[str, ...]
    still: str
    sound: str


NOWHERE = Files(("/media/talk.mp4", "media://clips/a/source.mp4", "b roll.mov"), "logo.png", "bed.ogg")


@st.composite
def timelines(draw: st.DrawFn, looks: tuple[str, ...] = ("speed_ramp", "warm")) -> Timeline:
    """Some segments with transitions that fit, overlays of every kind, sound, and words."""
    segments = draw(_segments(looks))
    return Timeline(
        canvas=Canvas(fps=draw(st.sampled_from((12, 24, 25, 30, 60)))),
        segments=segments,
        overlays=draw(st.lists(_overlays(NOWHERE, st.floats(0, 12)), max_size=4)),
        captions=CaptionPlan(words=draw(_words()), language="en"),
        sound=draw(_sounds(NOWHERE, st.floats(0, 12))),
    )


@st.composite
def tiny_timelines(draw: st.DrawFn, files: Files) -> Timeline:
    """A few seconds of small pictures, in several shapes, with everything that can be laid over and under them."""
    words = draw(_words())
    return Timeline(
        canvas=Canvas(width=64, height=112, fps=draw(st.sampled_from((12, 15, 25)))),
        shapes=tuple(draw(st.lists(st.sampled_from(("9:16", "4:5", "1:1", "16:9")), max_size=2, unique=True))),
        segments=draw(_tiny_segments(files.films)),
        overlays=tuple(draw(st.lists(_overlays(files, st.floats(0, 2)), max_size=3))),
        captions=CaptionPlan(
            words=words,
            emphasis=tuple(n for n in range(len(words)) if draw(st.booleans())),
            burnt=draw(st.booleans()),
            style=draw(st.sampled_from(sorted(STYLES))),
        ),
        sound=draw(_sounds(files, st.floats(0, 2))),
        quality="draft",
    )


@st.composite
def _tiny_segments(draw: st.DrawFn, films: tuple[str, ...]) -> tuple[Segment, ...]:
    """At any speed, in any framing, with any looks, and any transition that fits."""
    found: list[Segment] = []
    for _ in range(draw(st.integers(1, 4))):
        start, length = draw(st.floats(0, 1.5)), draw(st.floats(0.05, 1.2))
        looks = draw(st.lists(st.sampled_from(sorted(LOOKS)), max_size=2, unique=True))
        segment = Segment(
            source=draw(st.sampled_from(films)),
            start=start,
            end=start + length,
            speed=draw(st.sampled_from((0.5, 1.0, 1.7))),
            mute=draw(st.booleans()),
            framing=draw(_framings()),
            looks=tuple(LookUse(name=name, strength=draw(st.floats(0, 1))) for name in looks),
        )
        room = min(segment.duration, found[-1].duration) / 2 if found else 0.0
        if room > 0.1 and draw(st.booleans()):
            name = draw(st.sampled_from(sorted(TRANSITIONS)))
            transition = Transition(name=name, seconds=draw(st.floats(0.01, room)))
            segment = segment.model_copy(update={"transition": transition})
        found.append(segment)
    return tuple(found)


@st.composite
def _framings(draw: st.DrawFn) -> Framing:
    share = st.floats(0, 1)
    points = st.lists(st.builds(FramingPoint, t=st.floats(0, 3), x=share, y=share), max_size=3).map(
        lambda found: tuple(sorted(found, key=lambda point: point.t))
    )
    mode = draw(st.sampled_from(("track", "center", "fit", "split", "screen")))
    return Framing(mode=mode, points=draw(points), second=draw(points))


@st.composite
def _segments(draw: st.DrawFn, looks: tuple[str, ...]) -> tuple[Segment, ...]:
    found: list[Segment] = []
    room = 0.0
    for _ in range(draw(st.integers(1, 4))):
        start, length = draw(st.floats(0, 100)), draw(st.floats(0.04, 5))
        use = tuple(LookUse(name=name, strength=draw(st.floats(0, 1))) for name in looks if draw(st.booleans()))
        segment = Segment(
            source=draw(st.sampled_from(NOWHERE.films)),
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
def _overlays(draw: st.DrawFn, files: Files, times: st.SearchStrategy[float]) -> Overlay:
    start = draw(times)
    span = {"start": start, "end": draw(st.one_of(st.none(), st.floats(0.01, 5).map(lambda length: start + length)))}
    kinds: tuple[Overlay, ...] = (
        ImageOverlay(source=files.still, **span),
        InsertOverlay(source=files.films[-1], source_start=draw(times), **span),
        TitleOverlay(text="Wait for it", **span),
        ProgressOverlay(**span),
        WatermarkOverlay(text="@me", **span),
        WatermarkOverlay(source=files.still, **span),
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
def _sounds(draw: st.DrawFn, files: Files, times: st.SearchStrategy[float]) -> SoundPlan:
    ends = st.one_of(st.none(), st.floats(1.1, 5))
    return SoundPlan(
        voices=draw(st.lists(st.builds(Voice, source=st.just(files.sound), at=times, end=ends), max_size=3)),
        music=draw(st.one_of(st.none(), st.just(Music(source=files.sound, start=2.0)))),
        effects=draw(st.lists(st.builds(Effect, source=st.just(files.sound), at=times), max_size=3)),
    )
