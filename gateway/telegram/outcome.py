"""Who answers to a card, and what that leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.telegram.cards import Card, Order

__all__ = ["GONE", "Outcome", "Who", "order_of"]


@dataclass(frozen=True)
class Who:
    """Who presses or replies, when, and in which time zone."""

    name: str
    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class Outcome:
    """`card`: as it is now, None: as it was. `orders`: commands to send. `say`: key of a text that tells it."""

    card: Card | None = None
    orders: tuple[Order, ...] = ()
    say: str = ""


GONE = Outcome(say="say.gone")
"""It is not open any more."""


def order_of(subject: str, data: Any) -> Order:
    """A command, as it is kept."""
    return Order(subject=subject, body=data.model_dump(mode="json", exclude_defaults=True))
