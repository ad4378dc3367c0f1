"""A `Work` that keeps what a handler emits, for tests of one handler without a bus."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from contracts.base import Payload
from contracts.envelope import Event
from contracts.ids import event_id
from contracts.subjects import Subject
from runtime.actor import Actor

P = TypeVar("P", bound=Payload)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class RecordedWork:
    """Emissions by subject, under the same ids as on the real bus: the same id twice is kept once."""

    def __init__(self, event: Event[Any], attempt: int = 1) -> None:
        self.event = event
        self.attempt = attempt
        self.emitted: dict[str, tuple[str, Payload]] = {}
        self.notes: list[tuple[float | None, str]] = []
        self._owned: dict[str | None, RecordedWork] = {}

    def owned(self, owner: str | None) -> Self:
        """What is said to this owner, kept apart."""
        if owner == self.event.owner:
            return self
        if owner not in self._owned:
            self._owned[owner] = other = copy(self)
            other.event = self.event.model_copy(update={"owner": owner})
            other.emitted, other._owned = {}, {self.event.owner: self}
        found: Any = self._owned[owner]
        same: Self = found
        return same

    async def emit(self, subject: Subject[P], data: P, *, once: str | None = None) -> None:
        ident = str(event_id(once or self.event.id, subject.name, data.key))
        self.emitted.setdefault(ident, (subject.name, data))

    async def progress(self, done: float | None = None, note: str = "", *, eta_s: float | None = None) -> None:
        self.notes.append((done, note))

    def of(self, subject: Subject[P]) -> list[P]:
        found: list[Any] = [data for name, data in self.emitted.values() if name == subject.name]
        return found


async def deliver(
    actor: Actor, subject: Subject[P], data: P, *, event_id: str = "cause-1", attempt: int = 1
) -> RecordedWork:
    """Hand one message to the actor's handler, as the runtime would; returns what it emitted."""
    event: Event[Any] = Event(id=event_id, source="test", type=subject.name, subject=data.key, time=NOW, data=data)
    work = RecordedWork(event, attempt)
    await actor.handlers[subject](data, work)
    return work
