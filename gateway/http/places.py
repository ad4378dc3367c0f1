"""How many event streams may be open: in all, and of one user, so that nobody takes every place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.http.problems import ProblemError
from gateway.users.principal import Principal

__all__ = ["Places"]


class Places:
    """`most`: of everybody together; `of_one`: of each user. The operator is none."""

    def __init__(self, *, most: int, of_one: int) -> None:
        self._most = most
        self._of_one = of_one
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, by: Principal | None) -> Iterator[None]:
        """Hold a place. `by`: the user whose it is; none: the operator's. Raises a 503 or 429 problem."""
        who = by.owner or "" if by else ""
        if self._taken.total() >= self._most:
            raise ProblemError(
                503, f"{self._most} event streams are open already", advice="Close one, or raise CLIPWIRE_HTTP_STREAMS"
            )
        if who and self._taken[who] >= self._of_one:
            raise ProblemError(
                429,
                f"you have {self._of_one} event streams open already",
                advice="Close one, or raise CLIPWIRE_HTTP_STREAMS_PER_USER",
                headers={"Retry-After": "5"},
            )
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            self._taken += Counter()  # forgets those who have none
