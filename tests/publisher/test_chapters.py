"""Chapters of a description: out of what is known of a short, or none."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.adapters.rehearsal import Rehearsal
from actors.publisher.core.chapters import Chapter, Piece, chapters, pieces_of, written
from actors.publisher.core.limits import Chapters, Limits, Text
from actors.publisher.core.words import worded
from contracts.events import PublishRequested
from contracts.keys import analysis_uri, render_prefix, render_uri, transcript_uri
from contracts.media import MediaRef, Rights, Sentence, Transcript
from contracts.publishing import Wording
from contracts.renders import Recipe, Render
from contracts.sight import Analysis, Framing, Moment
from contracts.style import Transition
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from contracts.timeline import Segment, Timeline
from contracts.work import Channel
from tests.publisher.support import Bench, request
from tests.support.work import deliver

RULE = Chapters()
OURS = "media://clips/file/abc/source.mp4"


FILE = MediaRef(uri="media://renders/a.mp4", bytes=1, sha256="0" * 64, content_type="video/mp4")


def a_short(seconds: float, start: float = 0.0) -> Render:
    return Render(
        render_id="r_" + "0" * 20,
        clip_id="file:abc",
        start=start,
        end=start + seconds,
        recipe=Recipe(),
        title="The short",
        description="What it is about",
        tags=("one",),
        video=FILE,
        thumbnail=FILE,
        duration=seconds,
        width=1080,
        height=1920,
        fps=30,
        encoder="libx264",
        seconds_spent=1,
        rights=Rights(status="owned"),
    )


def moment(start: float, end: float, title: str) -> Moment:
    return Moment(start=start, end=end, score=0.5, reason="test", title=title)


def sentence(start: float, end: float, text: str) -> Sentence:
    return Sentence(first=0, last=0, start=start, end=end, text=text)


def found(
    render: Render, moments: list[Moment], sentences: list[Sentence] | None = None, timeline: Timeline | None = None
) -> list[tuple[int, str]]:
    told = chapters(render, pieces_of(render, timeline), moments, sentences or [], RULE)
    return [(chapter.at, chapter.title) for chapter in told]


THREE = [moment(0, 30, "One."), moment(30.7, 50, "Two"), moment(52, 90, "Three")]


def test_each_moment_is_a_chapter_and_the_first_is_at_zero() -> None:
    assert found(a_short(90), THREE) == [(0, "One"), (30, "Two"), (52, "Three")]
    assert found(a_short(90), THREE[::-1]) == found(a_short(90), THREE)


def test_a_short_of_one_moment_has_none() -> None:
    assert found(a_short(60, 100), [moment(100, 160, "One"), moment(170, 200, "Elsewhere")]) == []


def test_what_two_moments_leave_of_a_short_is_told_by_what_is_said_there() -> None:
    said = [
        sentence(0, 4, "Welcome to the show."),
        sentence(5, 12, "It goes on."),
        sentence(21, 39, "Inside."),
        sentence(62, 80, "And now to  batteries!"),
    ]
    known = [moment(20, 40, "One"), moment(40, 60, "Two")]
    assert found(a_short(80), known, said) == [
        (0, "Welcome to the show"),
        (20, "One"),
        (40, "Two"),
        (62, "And now to batteries"),
    ]


def test_only_a_pause_begins_something_new_where_there_is_no_moment() -> None:
    said = [sentence(0, 20, "One"), sentence(22.9, 40, "no"), sentence(43, 60, "Two"), sentence(75, 90, "Three")]
    assert found(a_short(90), [], said) == [(0, "One"), (43, "Two"), (75, "Three")]


def test_what_nothing_is_known_of_has_the_title_of_the_short() -> None:
    known = [moment(20, 40, "One"), moment(40, 60, "Two")]
    assert found(a_short(60), known) == [(0, "The short"), (20, "One"), (40, "Two")]


def test_what_would_be_too_short_is_no_chapter() -> None:
    known = [*THREE[:2], moment(52, 60, "Eight seconds"), moment(60, 90, "Three"), moment(82, 95, "Nearly over")]
    assert found(a_short(91), known) == [(0, "One"), (30, "Two"), (60, "Three")]


def test_times_are_those_of_the_short_after_its_cuts() -> None:
    timeline = Timeline(
        segments=(
            Segment(source=OURS, start=100, end=120),
            Segment(source="media://recipes/logo.mp4", start=0, end=5, transition=Transition(seconds=1)),
            Segment(source=OURS, start=130, end=170, speed=2, transition=Transition(seconds=1)),
            Segment(source=OURS, start=200, end=230),
        )
    )
    render = a_short(timeline.duration, 100)
    known = [moment(95, 125, "One"), moment(125, 170, "Two"), moment(180, 240, "Three"), moment(240, 300, "Gone")]
    assert found(render, known, timeline=timeline) == [(0, "One"), (23, "Two"), (43, "Three")]


def test_lines_of_chapters_have_hours_only_where_there_are_some() -> None:
    assert written([Chapter(0, "A"), Chapter(65, "B"), Chapter(3725, "C")]) == "0:00 A\n1:05 B\n1:02:05 C"


spans = st.tuples(st.floats(0, 600), st.floats(0.5, 120)).map(lambda span: (span[0], span[0] + span[1]))
names = st.text("ab .!\n日", max_size=120)
pieces = st.lists(st.tuples(spans, st.floats(0, 400), st.floats(0.25, 4)), max_size=5)


@given(
    st.lists(st.tuples(spans, names), max_size=12),
    st.lists(st.tuples(spans, names), max_size=20),
    pieces,
    st.floats(1, 700),
    st.integers(1, 4),
    st.integers(1, 30),
)
def test_chapters_keep_the_rule_of_the_platform_or_there_are_none(
    moments: list[tuple[tuple[float, float], str]],
    sentences: list[tuple[tuple[float, float], str]],
    shown: list[tuple[tuple[float, float], float, float]],
    seconds: float,
    least: int,
    long: int,
) -> None:
    told = chapters(
        a_short(seconds),
        [Piece(start, end, at, speed) for (start, end), at, speed in shown],
        [moment(start, end, name) for (start, end), name in moments],
        [sentence(start, end, name) for (start, end), name in sorted(sentences)],
        Chapters(least, long),
    )
    if not told:
        return
    ends = [*(chapter.at for chapter in told[1:]), seconds]
    assert told[0].at == 0 and len(told) >= least
    assert all(end - chapter.at >= long for chapter, end in zip(told, ends, strict=True)) or len(told) == 1
    assert all(before.at < after.at for before, after in pairwise(told))
    assert all(chapter.title.strip() and "\n" not in chapter.title and len(chapter.title) <= 80 for chapter in told)


def said(limits: Limits, description: str, known: list[Chapter]) -> str:
    asked = PublishRequested(render_id="r_" + "0" * 20, account_id="outbox:default")
    wording = Wording(title="{title}{chapters}", description="{description}\n\n{chapters}\n\n{hashtags}")
    words = worded(a_short(60).model_copy(update={"description": description}), asked, wording, limits, chapters=known)
    assert words.title == "The short"
    return words.description


KNOWN = [Chapter(0, "One <1>"), Chapter(30, "Two"), Chapter(52, "Three")]


def test_chapters_stand_where_the_template_says() -> None:
    roomy = Limits(source="test", description=Text(5000, forbidden="<>"), title=Text(100))
    assert said(roomy, "About it", KNOWN) == "About it\n\n0:00 One 1\n0:30 Two\n0:52 Three\n\n#one"
    assert said(roomy, "About it", []) == "About it\n\n#one"


def test_chapters_that_a_person_has_written_are_enough() -> None:
    roomy = Limits(source="test", description=Text(5000), title=Text(100))
    assert said(roomy, "About it\n00:00 Mine\n00:20 Too", KNOWN) == "About it\n00:00 Mine\n00:20 Too\n\n#one"


def test_a_description_gives_way_to_its_chapters_and_they_are_left_out_as_a_whole() -> None:
    short = Limits(source="test", description=Text(60), title=Text(100))
    assert said(short, "many words " * 20, KNOWN).endswith("…\n\n0:00 One <1>\n0:30 Two\n0:52 Three\n\n#one")
    tiny = Limits(source="test", description=Text(30), title=Text(100))
    assert said(tiny, "many words " * 20, KNOWN) == "many words many words…\n\n#one"


@given(st.integers(10, 120), st.text("ab \n", max_size=200))
def test_all_chapters_are_there_or_none(most: int, description: str) -> None:
    text = said(Limits(source="test", description=Text(most), title=Text(100)), description, KNOWN)
    assert len(text) <= most
    assert len(re.findall(r"^\d:\d\d ", text, re.MULTILINE)) in {0, 3}


def rehearsal(bench: Bench) -> Rehearsal:
    calendar = LedgerCalendar(bench.claims, clock=bench.clock, grace=120)
    return Rehearsal(
        {"outbox": bench.outbox()},
        bench.sessions,
        media=bench.media,
        claims=bench.claims,
        channels=bench.channels,
        calendar=calendar,
    )


async def with_topics(bench: Bench) -> PublishRequested:
    """A short of 90 s that shows three moments of its clip; the default channel asks for chapters."""
    render = a_short(90, 10)
    for kind, name in (("video", "short.mp4"), ("thumbnail", "thumb.jpg")):
        async with bench.media.writing(f"{render_prefix(render.render_id)}/{name}", "video/mp4") as draft:
            draft.path.write_bytes(kind.encode())
        render = render.model_copy(update={kind: draft.ref})
    async with bench.media.writing(f"{render_prefix(render.render_id)}/timeline.json", "application/json") as draft:
        timeline = Timeline(segments=(Segment(source=OURS, start=10, end=100),))
        draft.path.write_text(timeline.model_dump_json())
    await bench.media.write(render_uri(render.render_id), render.model_copy(update={"timeline": draft.ref}))
    moments = tuple(moment(each.start + 10, each.end + 10, each.title) for each in THREE)
    analysis = Analysis(
        clip_id=render.clip_id, method="test", shots=(), loudness=(), framing=Framing(), moments=moments
    )
    await bench.media.write(analysis_uri(render.clip_id), analysis)
    spoken = (sentence(10, 40, "One"), sentence(41, 60, "Two"))
    transcript = Transcript(clip_id=render.clip_id, method="test", timing="word", words=(), sentences=spoken)
    await bench.media.write(transcript_uri(render.clip_id), transcript)
    await bench.channels.put(Channel(wording=Wording(description="{description}\n\n{chapters}")))
    return request(render)


async def test_the_dry_run_shows_them_and_the_post_has_them(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    asked = await with_topics(bench)
    plan = await rehearsal(bench).plan(asked)
    assert plan.description == "What it is about\n\n0:00 One\n0:30 Two\n0:52 Three"
    rule = next(rule for rule in plan.rules if rule.name == "chapters")
    assert (rule.kept, rule.found, rule.allowed) == (True, "3", "3 or more, from 0:00, each 10 s or longer")
    done = await deliver(bench.publisher(), PUBLISH_REQUESTED, asked)
    assert done.of(PUBLISH_DONE)[0].publication.description == plan.description


async def test_the_dry_run_says_that_there_are_none(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    asked = await with_topics(bench)
    await bench.media.delete(analysis_uri("file:abc"))
    plan = await rehearsal(bench).plan(asked)
    assert plan.description == "What it is about"
    assert next(rule for rule in plan.rules if rule.name == "chapters").found == "too few topics, so none"
