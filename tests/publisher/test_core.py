"""The words of a post, and the wait before something begun is begun again."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.core import credit, describe, seconds_to_wait, split_account
from contracts.media import Rights
from tests.publisher.support import START

rights = st.builds(
    Rights,
    status=st.sampled_from(["owned", "licensed", "permission", "unknown"]),
    licence=st.none() | st.just("CC-BY-4.0"),
    licence_url=st.none() | st.just("https://creativecommons.org/licenses/by/4.0/"),
    owner=st.none() | st.text(max_size=20),
    attribution=st.none() | st.text(max_size=60),
)


@given(st.text(max_size=200), rights)
def test_a_description_carries_its_credit_once(text: str, given_rights: Rights) -> None:
    once = describe(text, given_rights)
    assert describe(once, given_rights) == once
    line = credit(given_rights)
    assert line is None or line in once


def test_the_operators_own_video_needs_no_credit() -> None:
    assert describe("Mine", Rights(status="owned", owner="me")) == "Mine"


def test_without_a_wording_the_credit_is_made_of_what_is_known() -> None:
    given_rights = Rights(status="licensed", owner="Ada", licence="CC-BY-4.0")
    assert credit(given_rights) == "Source: Ada, CC-BY-4.0"
    assert credit(Rights()) is None


@given(st.floats(-1e6, 1e6), st.floats(0, 1e4), st.booleans(), st.booleans())
def test_the_wait_is_never_longer_than_the_quarantine(
    age: float, quarantine: float, mine: bool, exclusive: bool
) -> None:
    wait = seconds_to_wait(
        since=START, now=START + timedelta(seconds=age), quarantine=quarantine, mine=mine, exclusive=exclusive
    )
    assert 0 <= wait <= quarantine
    if mine and exclusive:
        assert wait == 0


def test_an_account_is_split_at_its_first_colon() -> None:
    assert split_account("outbox:my.shorts") == ("outbox", "my.shorts")
