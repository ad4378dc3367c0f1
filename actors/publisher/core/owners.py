"""Whose orders an account takes."""

from __future__ import annotations

from contracts.publishing import Account

__all__ = ["hearers", "owner_of", "takes"]

_OPERATOR = "operator"


def takes(account: Account, orderer: str | None) -> bool:
    """Whether an order is for this account to follow: those of whoever connected it, and of the operator.

    `orderer`: the `owner` in the order's envelope; none is the operator, an admin who may publish on every account.
    """
    return orderer is None or orderer == account.owner


def hearers(orderer: str | None, whose: str | None, operator: bool) -> tuple[str | None, ...]:
    """Who is told what comes of an order: whoever gave it, and whoever else has ordered the same publication.

    `orderer`: as in `takes`. `whose`: the user whose publication it is, `operator`: whether the operator has ordered it
    too. What a user orders is told to no other user.
    """
    others = (whose,) if orderer is None else (None,) if operator else ()
    return tuple(dict.fromkeys((orderer, *others)))


def owner_of(account: Account) -> str | None:
    """For the envelope of what is said about an account; none: the operator's."""
    return None if account.owner == _OPERATOR else account.owner
