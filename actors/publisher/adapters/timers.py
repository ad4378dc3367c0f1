"""Timers of the bus: requests that come back when they are due."""

from __future__ import annotations

from datetime import datetime

from contracts.events import PublishRequested
from runtime.bus import Bus
from runtime.errors import Reject

__all__ = ["NatsTimers"]


class NatsTimers:
    """See `Timers`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def at(self, when: datetime, request: PublishRequested) -> None:
        """See `Timers.at`."""
        raise Reject("timers are not there yet", advice="Publish it without `publish_at`", field="publish_at")
