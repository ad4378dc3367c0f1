"""The words of a post."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.core.counting import Unit, cut, length
from actors.publisher.core.limits import Hashtags, Limits, Text
from actors.publisher.core.words import Words, credit, hashtag, worded
from contracts.events import PublishRequested
from contracts.media import MediaRef, Rights
from contracts.publishing import Wording
from contracts.renders import Recipe, Render

UNITS: tuple[Unit, ...] = ("characters", "utf16", "bytes", "graphemes", "weighted")
FILE = MediaRef(uri="media://renders/a.mp4", bytes=1, sha256="0" * 64, content_type="video/mp4")
PIECES = ["word", "longer-word", "日本語", "👩‍👩‍👧‍👦", "https://a.b/c", "naïve"]
texts = st.text(max_size=300) | st.lists(st.sampled_from(PIECES)).map(" ".join)


def a_render(
    title: str = "A title", description: str = "What it is about", tags: tuple[str, ...] = (), **rights: str
) -> Render:
    return Render(
        render_id="r_" + "0" * 20,
        clip_id="file:abc",
        start=0,
        end=20,
        recipe=Recipe(),
        title=title,
        description=description,
        tags=tags,
        video=FILE,
        thumbnail=FILE,
        duration=20,
        width=1080,
        height=1920,
        fps=30,
        encoder="libx264",
        seconds_spent=1,
        rights=Rights.model_validate(rights),
    )


def words(render: Render, limits: Limits, wording: Wording | None = None, **order: str) -> Words:
    asked = PublishRequested(render_id=render.render_id, account_id="outbox:default", **order)
    return worded(render, asked, wording or Wording(), limits, channel="My channel")


ROOMY = Limits(source="test", description=Text(5000), title=Text(100))
CAPTION = Limits(source="test", description=Text(150), hashtags=Hashtags(3))


def test_the_operators_own_video_needs_no_credit() -> None:
    assert credit(Rights(status="owned", owner="me")) is None


def test_without_a_wording_the_credit_is_made_of_what_is_known() -> None:
    assert credit(Rights(status="licensed", owner="Ada", licence="CC-BY-4.0")) == "Source: Ada, CC-BY-4.0"
    assert credit(Rights()) is None


def test_a_post_has_title_description_hashtags_and_credit() -> None:
    tags = ("ai tools", "#Robots", "2026", "robots")
    render = a_render(tags=tags, status="licensed", attribution="“A” by B, CC BY 4.0")
    said = words(render, ROOMY)
    assert said.title == "A title"
    assert said.description == "What it is about\n\n#AiTools #Robots\n\n“A” by B, CC BY 4.0"
    assert said.tags == ("AiTools", "Robots")


def test_where_there_is_no_title_it_begins_the_description() -> None:
    assert words(a_render(), CAPTION).description == "A title\n\nWhat it is about"


def test_the_description_gives_way_and_the_credit_stays() -> None:
    render = a_render(description="many words " * 50, tags=("one", "two"), status="licensed", attribution="by B")
    said = words(render, CAPTION).description
    assert len(said) <= 150
    assert said.startswith("A title\n\nmany words")
    assert "words…\n\n#one #two\n\nby B" in said or "many…\n\n#one #two\n\nby B" in said


def test_hashtags_that_a_person_wrote_count_and_are_not_written_twice() -> None:
    said = words(a_render(tags=("one", "two", "three")), CAPTION, description="See #One and #zwei")
    assert said.tags == ("two",)
    assert said.description.count("#") == 3


def test_a_template_says_where_everything_goes() -> None:
    wording = Wording(title="{title} | {channel}", description="{hashtags}\n{description}", hashtags=("ours",))
    said = words(a_render(tags=("its",), status="licensed", attribution="by B"), ROOMY, wording)
    assert said.title == "A title | My channel"
    assert said.description == "#ours #its\nWhat it is about\n\nby B"


def test_braces_that_are_no_field_stay_as_they_are() -> None:
    assert words(a_render(description="a {title} {0} {x}"), ROOMY).description == "a {title} {0} {x}"


def test_what_a_platform_does_not_take_is_left_out() -> None:
    limits = Limits(source="test", description=Text(100, forbidden="<>"), title=Text(100, forbidden="<>"))
    said = words(a_render(title="a <b> c", description="<x>"), limits)
    assert (said.title, said.description) == ("a b c", "x")


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("ai tools", "AiTools"),
        ("#done", "done"),
        ("C++", "C"),
        ("2026", ""),
        ("日本 語", "日本語"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_words_become_a_hashtag(written: str, tag: str) -> None:
    assert hashtag(written) == tag


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("plain", (5, 5, 5, 5, 5)),
        ("日本", (2, 2, 6, 2, 4)),
        ("👩‍👩‍👧‍👦", (7, 11, 25, 1, 2)),
        ("see https://example.org/a/very/long/path ok", (43, 43, 43, 43, 30)),
    ],
)
def test_a_text_is_as_long_as_the_platform_counts(text: str, lengths: tuple[int, ...]) -> None:
    assert tuple(length(text, unit) for unit in UNITS) == lengths


@given(texts, st.integers(1, 60), st.sampled_from(UNITS))
def test_what_is_cut_fits_and_begins_as_it_did(text: str, most: int, unit: Unit) -> None:
    shorter = cut(text, most, unit)
    assert length(shorter, unit) <= most
    assert text.strip().startswith(shorter.removesuffix("…"))
    if length(text.strip(), unit) <= most:
        assert shorter == text.strip()


@given(texts, texts, st.lists(texts, max_size=6), st.integers(30, 200), st.sampled_from(UNITS), st.integers(0, 5))
def test_a_post_never_exceeds_its_limits(
    title: str, description: str, tags: list[str], most: int, unit: Unit, hashtags: int
) -> None:
    limits = Limits(source="test", description=Text(most, unit), title=Text(40, unit), hashtags=Hashtags(hashtags))
    said = words(a_render(title[:300], description, tuple(tags), status="licensed", attribution="by B"), limits)
    assert length(said.title, unit) <= 40
    assert length(said.description, unit) <= most
    assert len(said.tags) <= hashtags
    assert "by B" in said.description
