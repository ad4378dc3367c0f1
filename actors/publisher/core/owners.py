"""Whose orders an account takes."""

from __future__ import annotations

from contracts.publishing import Account

__all__ = ["owner_of", "takes"]

_OPERATOR = "operator"


def takes(account: Account, orderer: str | None) -> bool:
    """Whether an order is for this account to follow: those of whoever connected it, and of the operator.

    `orderer`: the `owner` in the order's envelope; none is the operator, an admin who may publish on every account.
    """
    return orderer is None or orderer == account.owner


def owner_of(account: Account) -> str | None:
    """For the envelope of what is said about an account; none: the operator's."""
    return None if account.owner == _OPERATOR else account.owner
