"""When posts go out: slots of the channel, in a ledger per account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from actors.publisher.core.limits import Limits
from contracts.events import PublishRequested
from contracts.publishing import Account
from contracts.work import Channel

__all__ = ["LedgerCalendar"]


class LedgerCalendar:
    """See `Calendar`."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    async def place(self, request: PublishRequested, channel: Channel, limits: Limits, account: Account) -> datetime:
        """See `Calendar.place`."""
        return request.publish_at or self._clock()

    async def release(self, request: PublishRequested) -> None:
        """See `Calendar.release`."""
