"""Rows as the parts that events lay over each other: pure, so that the same stream always gives the same tables.

A change is a part of a row. Within one table the parts of the same row are laid over each other in the order of the
stream; what a later part does not tell (None) stays as it was. The result of a stage counts as a whole: a later one
takes the failure of an earlier one away. What is published stays so: of `publish`, `done` gives way to another `done`
alone, and a failure of another order for it, such as a move that is refused, is among the failures only. Laying parts
over each other is associative, so it does not matter how a stream is cut into batches. Each owner has rows of their
own, so what one decides changes nothing for another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contracts.envelope import Event

__all__ = ["KEYS", "Changes", "Row", "Scribe"]

Row = dict[str, Any]

KEYS: dict[str, tuple[str, ...]] = {
    "scans": ("owner", "scan_id"),
    "candidates": ("owner", "candidate_id"),
    "clips": ("owner", "clip_id"),
    "renders": ("owner", "render_id"),
    "publications": ("owner", "publication_id"),
    "approvals": ("owner", "about", "id"),
    "failures": ("sequence",),
    "stages": ("owner", "entity", "stage"),
}


@dataclass
class Changes:
    """The rows that a run of events leads to, by table and key. Values are plain, or contracts for columns of JSON."""

    tables: dict[str, dict[tuple[Any, ...], Row]] = field(default_factory=lambda: {name: {} for name in KEYS})

    def rows(self, table: str) -> list[Row]:
        """The rows of a table, in the order in which they first came."""
        return list(self.tables[table].values())

    def lay(self, table: str, row: Row, *, whole: bool = False) -> None:
        """Lay a part over its row. What it does not tell stays as it was, unless the part counts as a `whole`."""
        key = tuple(row[name] for name in KEYS[table])
        there = self.tables[table].setdefault(key, row)
        if there is not row:
            told = row.items() if whole else ((name, value) for name, value in row.items() if value is not None)
            there.update({name: value for name, value in told if name != "first_sequence"})


@dataclass(frozen=True)
class Scribe:
    """Writes the changes of one event. `time`: of the event, as ISO 8601."""

    changes: Changes
    sequence: int
    event: Event[Any]
    time: str

    @property
    def owner(self) -> str:
        """Whose rows these are; '' is the operator."""
        return self.event.owner or ""

    def row(self, table: str, **values: Any) -> None:
        """What the event says of one row."""
        places = {"first_sequence": self.sequence, "last_sequence": self.sequence, "updated_at": self.time}
        self.changes.lay(table, {"owner": self.owner, **values, **places})

    def pending(self, entity: str, stage: str) -> None:
        """It is this stage's turn."""
        turn = {"pending_sequence": self.sequence, "pending_time": self.time}
        self.changes.lay("stages", {"owner": self.owner, "entity": entity, "stage": stage, **turn}, whole=True)

    def stage(self, entity: str, stage: str, result: str, failure: Row | None = None) -> None:
        """How a stage ended, or that it waits for a person. `writes.sql` does the same with rows of earlier batches."""
        there = self.changes.tables["stages"].get((self.owner, entity, stage), {})
        if stage == "publish" and there.get("result") == "done" != result:
            return
        row = {
            "owner": self.owner,
            "entity": entity,
            "stage": stage,
            "result": result,
            "result_time": self.time,
            "result_sequence": self.sequence,
            "event_id": self.event.id,
            "failure": failure,
        }
        self.changes.lay("stages", row, whole=True)

    def failure(self, **values: Any) -> None:
        """One more failure."""
        self.changes.lay("failures", {"owner": self.owner, "sequence": self.sequence, "time": self.time, **values})
