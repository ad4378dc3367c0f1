"""Words become running text as their script writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.text import columns, joined


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["It", "works."], "It works."),
        (["今日", "は", "いい", "天気です。"], "今日はいい天気です。"),
        (["สวัส", "ดีค", "รับ"], "สวัสดีครับ"),
        (["안녕", "하세요"], "안녕 하세요"),
        (["这是", "Python", "代码"], "这是 Python 代码"),
        ([], ""),
    ],
)
def test_scripts_without_spaces_are_joined_without(words: list[str], text: str) -> None:
    assert joined(words) == text


@given(st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=6), max_size=6))
def test_nothing_but_spaces_is_added(words: list[str]) -> None:
    assert joined(words).replace(" ", "") == "".join(words)


def test_a_wide_character_takes_two_columns() -> None:
    assert (columns("abc"), columns("今日"), columns("é"), columns("ก็")) == (3, 4, 1, 1)
