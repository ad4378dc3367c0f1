"""Which file of a render suits a platform, and what is ordered where none does."""

from __future__ import annotations

from datetime import UTC, datetime

from actors.publisher.core.limits import Limits, Text
from actors.publisher.core.shape import cuts_of, remade, suits
from contracts.events import PublishRequested
from contracts.media import Sentence
from contracts.publishing import PublishWish
from contracts.renders import Render, Variant
from tests.publisher.test_words import FILE, a_render

ORDER = PublishRequested(render_id="r_" + "0" * 20, account_id="outbox:default", requested_by="ada")
UPRIGHT = Limits(source="test", description=Text(100), aspect=(9 / 16, 9 / 16), side=(540, 1920))
SHORT = Limits(source="test", description=Text(100), duration=(3, 15))


def sentences(*ends: float) -> tuple[Sentence, ...]:
    return tuple(Sentence(start=end - 1, end=end, text="Said.", first=0, last=0) for end in ends)


def wide(render: Render) -> Render:
    return render.model_copy(update={"width": 1920, "height": 1080})


def test_the_first_file_that_suits_is_taken() -> None:
    upright = Variant(shape="9:16", video=FILE, thumbnail=FILE, width=1080, height=1920)
    render = wide(a_render()).model_copy(update={"variants": (upright,)})
    assert [cut.shape for cut in cuts_of(render) if suits(cut, UPRIGHT)] == ["9:16"]
    assert remade(render, ORDER, UPRIGHT, ()) is None


def test_a_missing_shape_is_ordered_with_the_others() -> None:
    order = remade(wide(a_render()), ORDER, UPRIGHT, ())
    assert order is not None
    assert (order.recipe.shapes, order.start, order.end) == (("9:16",), 0, 20)
    assert (order.accounts, order.requested_by) == (("outbox:default",), "ada")
    assert order.render_id != wide(a_render()).render_id


def test_what_a_person_said_of_it_goes_with_the_order() -> None:
    at = datetime(2026, 12, 24, 17, tzinfo=UTC)
    said = ORDER.model_copy(update={"title": "Mine", "description": "My words", "publish_at": at, "vouch": True})
    order = remade(wide(a_render()), said, UPRIGHT, ())
    assert order is not None
    assert order.title == "Mine"
    assert order.publish == PublishWish(description="My words", publish_at=at, vouch=True, requested_by="ada")


def test_what_is_too_long_ends_with_the_last_sentence_that_fits() -> None:
    order = remade(a_render(), ORDER, SHORT, sentences(4, 9, 12, 19))
    assert order is not None
    assert order.end == 12.15


def test_without_a_sentence_that_ends_late_enough_it_ends_where_the_platform_does() -> None:
    order = remade(a_render(), ORDER, SHORT, sentences(4))
    assert order is not None
    assert order.end == 14.5


def test_no_order_is_made_that_would_change_nothing() -> None:
    made = a_render().model_copy(update={"duration": 14.5, "end": 14.5})
    assert remade(made, ORDER, SHORT, ()) is None
    square = Limits(source="test", description=Text(100), aspect=(0.2, 0.3))
    assert remade(a_render(), ORDER, square, ()) is None
