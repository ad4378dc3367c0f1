"""The words of a post."""

from __future__ import annotations

from actors.publisher.core.words import credit
from contracts.media import Rights


def test_the_operators_own_video_needs_no_credit() -> None:
    assert credit(Rights(status="owned", owner="me")) is None


def test_without_a_wording_the_credit_is_made_of_what_is_known() -> None:
    assert credit(Rights(status="licensed", owner="Ada", licence="CC-BY-4.0")) == "Source: Ada, CC-BY-4.0"
    assert credit(Rights()) is None
