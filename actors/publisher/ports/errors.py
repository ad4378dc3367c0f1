"""How the outside fails, where that is more than “later” or “never”."""

from __future__ import annotations

from runtime.errors import Unavailable

__all__ = ["LostError", "NotSentError", "RevokedError", "UnconfirmedError"]


class UnconfirmedError(Exception):
    """The platform cannot tell whether the post is there; a person has to look. `advice` says where."""

    def __init__(self, reason: str, *, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class RevokedError(Exception):
    """The platform takes the tokens no more; the account has to be connected again. `reason` for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotSentError(Unavailable):
    """The request has not reached the platform, so nothing came of it."""


class LostError(Exception):
    """The request may have been carried out, and its answer is not known (no answer, half of one, a 5xx)."""
