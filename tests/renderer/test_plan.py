"""From an order to its timeline."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from actors.renderer.core import field_of_order, plan, sources_of, with_sources
from contracts.events import RenderRequested
from contracts.media import Candidate, Clip, MediaRef, Transcript, Word
from contracts.renders import Recipe
from contracts.sight import Analysis, Area, Framing, FramingPoint
from contracts.style import LookUse, Transition
from contracts.timeline import (
    Effect,
    ImageOverlay,
    Music,
    Segment,
    SoundPlan,
    Timeline,
    TitleOverlay,
    Voice,
    WatermarkOverlay,
)

URI = "media://clips/web/a/source.mp4"


def clip(width: int = 1920, height: int = 1080, duration: float = 60.0) -> Clip:
    return Clip(
        clip_id="web:a",
        source_url="https://x.org/v",
        title="Title",
        media=MediaRef(uri=URI, bytes=1, sha256="0" * 64, content_type="video/mp4"),
        duration=duration,
        width=width,
        height=height,
        fps=25,
        video_codec="h264",
        candidate=Candidate(candidate_id="web:a", url="https://x.org/v", title="Title", source="t"),
    )


def transcript(*words: tuple[str, float, float]) -> Transcript:
    said = tuple(Word(text=text, start=start, end=end) for text, start, end in words)
    return Transcript(clip_id="web:a", language="en", method="t", timing="word", words=said, sentences=())


def analysis(**more: object) -> Analysis:
    framing = Framing(mode="track", points=tuple(FramingPoint(t=t, x=0.3, y=0.5) for t in range(60)), cuts=(20.0,))
    known = Analysis(clip_id="web:a", method="t", shots=(), loudness=(), framing=framing, moments=())
    return known.model_copy(update=more)


def asked(**recipe: object) -> RenderRequested:
    return RenderRequested(clip_id="web:a", start=10, end=20, recipe=Recipe(**recipe), title="A hook")


def test_a_span_becomes_one_segment_that_follows_the_path_around_it() -> None:
    area = Area(kind="face", start=9, end=11, x=0.1, y=0.1, width=0.2, height=0.2)
    late = area.model_copy(update={"start": 30.0, "end": 31.0})
    timeline = plan(asked(), clip(), transcript(("one", 10.2, 10.6)), analysis(areas=(area, late)))
    (segment,) = timeline.segments
    assert (segment.source, segment.start, segment.end) == (URI, 10, 20)
    assert segment.areas == (area,)
    assert segment.framing.mode == "track"
    assert [point.t for point in segment.framing.points] == list(range(10, 22))
    assert [(word.text, round(word.start, 3)) for word in timeline.captions.words] == [("one", 0.2)]
    assert (timeline.cover, timeline.overlays) == ("A hook", ())


def test_silence_is_cut_out_with_picture_and_words() -> None:
    said = transcript(("one", 10.2, 10.6), ("two", 15.0, 15.4), ("three", 15.5, 19.8))
    timeline = plan(asked(tighten="silences"), clip(), said, None)
    assert len(timeline.segments) > 1
    assert timeline.duration < 7
    for word, (text, start, _) in zip(timeline.captions.words, [("one", 10.2, 0), ("two", 15.0, 0)], strict=False):
        assert word.text == text
        clock = 0.0
        for segment in timeline.segments:
            if segment.start <= start < segment.end:
                assert word.start == pytest.approx(clock + start - segment.start, abs=1e-6)
            clock += segment.duration


def test_a_transition_between_pieces_moves_the_words_behind_it() -> None:
    said = transcript(("one", 10.2, 11.6), ("two", 15.0, 16.4), ("three", 16.5, 19.8))
    cut = plan(asked(tighten="silences"), clip(), said, None)
    faded = plan(asked(tighten="silences", transition=Transition(seconds=0.2)), clip(), said, None)
    shared = sum(each.transition.seconds for each in faded.segments if each.transition)
    assert shared == pytest.approx(0.2 * (len(cut.segments) - 1))
    assert faded.captions.words[-1].start == pytest.approx(cut.captions.words[-1].start - shared)


def test_overlays_and_sound_are_as_the_recipe_wants_them() -> None:
    recipe = {"hook": True, "progress_bar": True, "watermark": "@me", "music": "media://music/a.mp3", "loudness": -16.0}
    timeline = plan(asked(**recipe), clip(), None, None)
    assert [overlay.kind for overlay in timeline.overlays] == ["watermark", "progress", "title"]
    assert timeline.sound.music is not None
    assert timeline.sound.loudness == -16
    assert sources_of(timeline) == (URI, "media://music/a.mp3")
    moved = with_sources(timeline, {URI: "/a.mp4", "media://music/a.mp3": "/b.mp3"})
    assert sources_of(moved) == ("/a.mp4", "/b.mp3")


def test_every_source_of_a_timeline_is_found_and_replaced_wherever_it_is_named() -> None:
    timeline = Timeline(
        segments=(Segment(source="a", end=1), Segment(source="b", end=1)),
        overlays=(TitleOverlay(text="Wait"), ImageOverlay(source="c"), WatermarkOverlay(text="@me")),
        sound=SoundPlan(voices=(Voice(source="d"),), music=Music(source="a"), effects=(Effect(source="e", at=0),)),
    )
    named = {
        "segments.0.source": "a",
        "segments.1.source": "b",
        "overlays.1.source": "c",
        "sound.voices.0.source": "d",
        "sound.effects.0.source": "e",
        "sound.music.source": "a",
    }
    assert dict(timeline.sources()) == named
    replaced = with_sources(timeline, {letter: f"/{letter}.mp4" for letter in "abcde"})
    assert dict(replaced.sources()) == {field: f"/{letter}.mp4" for field, letter in named.items()}


@pytest.mark.parametrize(("heard", "tag"), [("pt_BR", "pt-BR"), ("en", "en"), ("English (auto)", None), (None, None)])
def test_a_language_that_is_no_tag_is_left_out(heard: str | None, tag: str | None) -> None:
    said = transcript(("Hello", 10, 10.4)).model_copy(update={"language": heard})
    assert plan(asked(), clip(), said, None).captions.language == tag


def test_a_very_wide_film_is_fitted_whatever_its_path() -> None:
    assert plan(asked(), clip(3000, 500), None, analysis()).segments[0].framing == Framing(mode="fit")
    assert plan(asked(framing="center"), clip(), None, analysis()).segments[0].framing == Framing(mode="center")


words = st.lists(st.tuples(st.floats(0, 30), st.floats(0.01, 2)), max_size=25)


@settings(max_examples=60)
@given(words, st.sampled_from(("no", "silences", "fillers")), st.booleans())
def test_every_order_has_a_timeline_whose_words_lie_within_it(
    drawn: list[tuple[float, float]], tighten: str, faded: bool
) -> None:
    said = transcript(*((f"w{n}", start, start + length) for n, (start, length) in enumerate(sorted(drawn))))
    recipe = {"tighten": tighten, "transition": Transition(seconds=0.3) if faded else None}
    timeline = plan(asked(**recipe, looks=(LookUse(name="mirror"),)), clip(), said, None)
    assert 0 < timeline.duration <= 10 + 1e-6
    starts = [word.start for word in timeline.captions.words]
    assert starts == sorted(starts)
    assert all(0 <= word.start <= word.end <= timeline.duration + 1e-6 for word in timeline.captions.words)


@pytest.mark.parametrize(
    ("field", "ordered"),
    [
        ("captions.style", "recipe.caption_style"),
        ("segments.3.looks.1.name", "recipe.looks.1.name"),
        ("segments.3.transition.name", "recipe.transition.name"),
        ("segments.0.source", "clip_id"),
        ("overlays.0.source", "recipe"),
        ("end", "end"),
        (None, None),
    ],
)
def test_a_refusal_names_what_the_person_ordered(field: str | None, ordered: str | None) -> None:
    assert field_of_order(field) == ordered


def test_a_shape_is_named_once() -> None:
    with pytest.raises(ValidationError, match="each may be named once"):
        Recipe(shapes=("1:1", "1:1"))


def test_without_weighty_words_beats_come_by_the_clock() -> None:
    looks = (LookUse(name="punch_in"), LookUse(name="glitch", every=5))
    assert [use.every for use in plan(asked(looks=looks), clip(), None, None).segments[0].looks] == [3, 5]
    said = transcript(("only", 11, 12), ("FIFTY", 13, 14), ("5", 15, 15.3), ("km", 15.3, 16))
    assert [use.every for use in plan(asked(looks=looks), clip(), said, None).segments[0].looks] == [None, 5]
