"""Spans that become one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contracts.spans import united

SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)).map(lambda s: (float(s[0]), float(sum(s)))))


@given(SPANS, st.integers(0, 5))
def test_they_are_in_order_apart_and_cover_what_they_did(spans: list[tuple[float, float]], apart: int) -> None:
    found = united(spans, apart=apart)
    assert all(b[0] - a[1] > apart for a, b in pairwise(found))
    assert all(any(a <= start and end <= b for a, b in found) for start, end in spans)
    assert {a for a, _ in found} <= {start for start, _ in spans}
    assert {b for _, b in found} <= {end for _, end in spans}
