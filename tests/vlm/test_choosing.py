"""The set that is chosen is the best one there is: compared with every set of spans that do not overlap."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.vlm.core.borders import Border
from actors.vlm.core.choosing import best_set
from actors.vlm.core.score import Span


@st.composite
def spans(draw: st.DrawFn, kinds: Sequence[str] = ("sentence", "pause", "word")) -> Span:
    start, length = draw(st.integers(0, 12)), draw(st.integers(1, 6))
    return Span(
        start=Border(float(start), "sentence", 0),
        end=Border(float(start + length), draw(st.sampled_from(kinds)), 0),
        score=draw(st.sampled_from((0.1, 0.25, 0.5, 0.75, 0.9))),
    )


def worth(chosen: Sequence[Span]) -> float:
    return sum(span.score - span.start.level - span.end.level for span in chosen)


def apart(chosen: Sequence[Span]) -> bool:
    in_order = sorted(chosen, key=lambda span: span.start.t)
    return all(a.end.t <= b.start.t for a, b in itertools.pairwise(in_order))


def sets_of(offered: Sequence[Span], most: int) -> Iterator[tuple[Span, ...]]:
    """All sets of one to `most` spans that do not overlap."""
    sets = (chosen for count in range(1, most + 1) for chosen in itertools.combinations(offered, count))
    return filter(apart, sets)


@settings(max_examples=200, deadline=None)
@given(st.lists(spans(), min_size=1, max_size=8), st.integers(1, 5))
def test_as_many_as_fit_are_chosen_and_no_other_so_many_are_worth_more(offered: list[Span], count: int) -> None:
    found = best_set(offered, count)
    others = list(sets_of(offered, count))
    assert apart(found)
    assert len(found) == max(map(len, others))
    assert worth(found) == pytest.approx(max(worth(other) for other in others if len(other) == len(found)))


@settings(max_examples=200, deadline=None)
@given(st.lists(spans(("sentence",)), min_size=1, max_size=8), st.integers(1, 5), st.sampled_from((0.2, 0.4, 0.6)))
def test_with_a_price_no_more_are_chosen_than_are_worth_it(offered: list[Span], count: int, price: float) -> None:
    found = best_set(offered, count, price)
    assert apart(found)
    best = max(worth(other) - price * len(other) for other in sets_of(offered, count))
    assert worth(found) - price * len(found) == pytest.approx(best)


def test_of_nothing_nothing_is_chosen() -> None:
    assert best_set([], 4) == []
