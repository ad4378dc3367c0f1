"""Which streams, buckets and consumers there are, and why they are set as they are. The only place that says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contracts.subjects import SUBJECTS

__all__ = [
    "BUCKETS",
    "DEAD_LETTERS",
    "EVENTS",
    "STORED",
    "STREAMS",
    "TIMERS",
    "Bucket",
    "Consumer",
    "Stream",
    "consumer_name",
]

EVENTS = "EVENTS"
DEAD_LETTERS = "DLQ"
TIMERS = "TIMERS"
STORED = "stored"
"""First token of what the server says of each event that EVENTS has stored: its headers, on `stored.<subject>`."""
_DAY = 24 * 3600.0


@dataclass(frozen=True)
class Stream:
    """A stream and the settings that matter; names as in the JetStream API, times in seconds.

    `sourced`: another one takes from it and remembers how far it got, so that a sequence must never be used again.
    """

    name: str
    subjects: tuple[str, ...]
    sourced: bool = False
    max_age: float = 0.0
    max_bytes: int = -1
    duplicate_window: float = 120.0
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bucket:
    """A key-value bucket. `ttl` in seconds, 0 for ever."""

    name: str
    history: int = 5
    ttl: float = 0.0


@dataclass(frozen=True)
class Consumer:
    """A durable pull consumer: one subject of one actor, shared by all of its processes."""

    actor: str
    subject: str
    ack_wait: float

    @property
    def name(self) -> str:
        """Durable name on the server."""
        return consumer_name(self.actor, self.subject)

    @property
    def redrive_subject(self) -> str:
        """Where a message is put again for this consumer alone."""
        return f"redrive.{self.actor}.{self.subject}"


def consumer_name(actor: str, subject: str) -> str:
    """Durable name: dots are not allowed in it."""
    return f"{actor}--{subject.replace('.', '_')}"


_DUE = "{{wildcard(1)}}.{{wildcard(2)}}"
_FAMILIES = tuple(sorted({f"{subject.name.split('.')[0]}.>" for subject in SUBJECTS}))

STREAMS: tuple[Stream, ...] = (
    # Schedules live apart: whoever may publish a schedule may publish to its target. Before EVENTS, which takes from
    # here, as `<subject>`, what came due on `due.<subject>`.
    Stream(
        TIMERS,
        ("timer.>", "due.>"),
        sourced=True,
        settings={"allow_msg_schedules": True, "allow_msg_ttl": True, "allow_direct": True},
    ),
    # The truth: no age limit, nothing can be deleted or purged, and a full disk is an error, not a loss of history.
    Stream(
        EVENTS,
        (*_FAMILIES, "redrive.>"),
        duplicate_window=2 * _DAY,
        settings={
            "discard": "new",
            "deny_delete": True,
            "deny_purge": True,
            "allow_rollup_hdrs": False,
            "allow_direct": True,
            # Whoever follows the stream is told what is new, and fetches it: nobody needs a consumer to read.
            "republish": {"src": ">", "dest": f"{STORED}.>", "headers_only": True},
            "sources": [{"name": TIMERS, "subject_transforms": [{"src": "due.*.*", "dest": _DUE}]}],
        },
    ),
    Stream(DEAD_LETTERS, ("dlq.>",), max_age=90 * _DAY, settings={"allow_direct": True}),
    Stream(
        "ADVISORIES",
        (
            "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>",
            "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>",
        ),
        max_age=30 * _DAY,
        settings={"allow_direct": True},
    ),
)

BUCKETS: tuple[Bucket, ...] = (
    Bucket("channels"),
    # Only the newest step of a claim counts, and earlier ones may hold addresses that open an upload.
    Bucket("claims", history=1),
    # How often a message failed, as against how often it was delivered: a kill is no failure.
    Bucket("attempts", history=1, ttl=7 * _DAY),
    Bucket("actors", history=1, ttl=15.0),
)
