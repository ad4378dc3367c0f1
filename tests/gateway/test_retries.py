"""When a webhook is tried again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.hooks.retries import delay


@given(st.integers(1, 40), st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_every_delay_is_longer_than_the_one_before_until_it_is_given_up(
    attempts: int, chance: float, asked: float | None
) -> None:
    seconds = delay(attempts, chance=chance, asked=asked)
    assert (seconds is None) == (attempts > 9)
    if seconds is not None:
        assert 5 <= seconds <= 24 * 3600 * 1.2
        assert asked is None or seconds >= min(asked, 24 * 3600)
    plain = [delay(number, chance=0) for number in range(1, 10)]
    assert plain == sorted(plain, key=lambda value: value or 0)
