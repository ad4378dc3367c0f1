"""Timers of the bus: requests that come back when they are due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.envelope import Event
from contracts.events import PublishRequested
from contracts.subjects import PUBLISH_REQUESTED
from runtime.timers import SOURCE, Timers

__all__ = ["NatsTimers", "brought"]


class NatsTimers:
    """See `Timers`."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers

    async def at(self, when: datetime, request: PublishRequested, cause: Event[Any]) -> None:
        """See `Timers.at`."""
        await self._timers.set(_name(request.publication_id), when, PUBLISH_REQUESTED, request, cause=cause)

    async def cancel(self, publication_id: str) -> None:
        """See `Timers.cancel`."""
        await self._timers.cancel(_name(publication_id))


def brought(event: Event[Any]) -> bool:
    """Whether a timer has brought it: its `time` is when it was due, and not when it was ordered."""
    return event.source == SOURCE


def _name(publication_id: str) -> str:
    return f"publish.{publication_id}"
