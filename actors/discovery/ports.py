"""What discovery needs: sources to ask, and a bus for the folder's own requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from contracts.envelope import Event
from contracts.media import Candidate
from runtime.errors import ClipwireError

__all__ = ["Announcer", "Findings", "NotConfiguredError", "Query", "Source", "SourceError", "Sources"]


_LARGEST = 200_000  # characters as JSON; a message on the bus may have 1 MiB


class SourceError(ClipwireError):
    """A source did not do what was asked. `what` and `advice` become the reason in `discovery.done`."""


class NotConfiguredError(ClipwireError):
    """A source lacks a setting; `advice` names it."""


@dataclass(frozen=True)
class Query:
    """What is looked for. `since`: only videos published later; `only`: if given, the sole candidate ids wanted."""

    niche: str
    limit: int
    now: datetime
    since: datetime | None = None
    only: frozenset[str] | None = None


@dataclass
class Findings:
    """What a source has found so far: it counts even if the source then fails or runs out of time."""

    limit: int
    candidates: dict[str, Candidate] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def room(self) -> int:
        """How many more candidates are wanted."""
        return self.limit - len(self.candidates)

    def add(self, candidate: Candidate) -> None:
        """Keep a candidate, unless it is known, there are enough, or it is too large for an event."""
        if self.room <= 0 or candidate.candidate_id in self.candidates:
            return
        if len(candidate.model_dump_json()) > _LARGEST:
            self.note(f"{candidate.url[:300]} was left out: its description has more than {_LARGEST:,} characters")
            return
        self.candidates[candidate.candidate_id] = candidate

    def note(self, text: str) -> None:
        """Something that a person should know although the source did its work."""
        self.notes.append(text)


class Source(Protocol):
    """One place where videos are found. Asked concurrently with the others, under a time limit."""

    async def search(self, query: Query, found: Findings) -> None:
        """Put what matches into `found`, best first. Raises `SourceError` or `NotConfiguredError`."""
        ...


Sources = Mapping[str, Source]


class Announcer(Protocol):
    """The bus, as far as the watched folder needs it."""

    async def publish(self, event: Event[Any]) -> object:
        """Put an event on the stream once; the same event id again changes nothing. Raises `Unavailable`."""
        ...
