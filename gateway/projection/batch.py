"""From stored messages to what a transaction writes: one row per message, and the changes of the read models."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.envelope import Event
from gateway.projection.changes import Changes, Row
from gateway.projection.handlers import apply, apply_redrive
from runtime.bus import StoredEvent
from runtime.errors import Reject

__all__ = ["EVENT_COLUMNS", "Batch", "fingerprint", "project"]

EVENT_COLUMNS = (
    "sequence", "subject", "stored_at", "id", "type", "source", "key", "time", "correlation", "causation", "owner",
    "body", "raw", "malformed",
)  # fmt: skip
EventRow = tuple[int, str, datetime, str | None, str | None, str | None, str | None, datetime | None, str | None,
                 str | None, str | None, str | None, bytes | None, str | None]  # fmt: skip

_LONGEST = 500


@dataclass
class Batch:
    """What one transaction writes."""

    events: list[EventRow] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)
    totals: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def total_rows(self) -> list[Row]:
        """Events by subject, in a fixed order so that two writers can't lock each other out."""
        return [{"subject": name, "malformed": bad, "count": n} for (name, bad), n in sorted(self.totals.items())]


def project(stored: Iterable[StoredEvent], *, refused: str | None = None) -> Batch:
    """Decode a run of messages and lay down their changes.

    What fits no contract is kept with the reason. `refused`: the reason why the database does not take these messages;
    they are kept like that too.
    """
    batch = Batch()
    for message in stored:
        reason = refused
        if reason is None:
            reason = _project_one(batch, message)
        subject = _short(message.subject)
        if reason is not None:
            place = (message.sequence, subject, message.time)
            why = _short(reason)
            batch.events.append((*place, None, None, None, None, None, None, None, None, None, message.body, why))
        batch.totals[subject, reason is not None] += 1
    return batch


def _project_one(batch: Batch, message: StoredEvent) -> str | None:
    """The reason why it is no event, if it is none."""
    try:
        event = message.event()
        key = _clean(event.data.key)
        if (kept := _keepable(message)) is not message:
            message, event = kept, kept.event()
    except Reject as error:
        return str(error)
    except (ValueError, RecursionError) as error:  # JSON that Python's parser gives up on: too deep, numbers too long
        return f"the body is no usable JSON ({error})"
    if event.data.key != key:  # it is made of a text: what is kept would be about another than what actors read
        return "an id is made of a text in it that the database can't keep"
    batch.events.append(_row(message, event))
    if message.subject.startswith("redrive."):
        apply_redrive(batch.changes, message.sequence, event, message.subject.split(".")[1])
    else:
        apply(batch.changes, message.sequence, event)
    return None


def _row(message: StoredEvent, event: Event[Any]) -> EventRow:
    return (
        message.sequence,
        message.subject,
        message.time,
        event.id,
        event.type,
        event.source,
        event.data.key,
        event.time,
        event.correlationid,
        event.causationid,
        event.owner,
        message.body.decode(),
        None,
        None,
    )


def _keepable(message: StoredEvent) -> StoredEvent:
    """PostgreSQL keeps UTF-8 alone, and neither U+0000 nor half of a surrogate pair, which come as escapes in JSON."""
    if _is_utf8(message.body) and b"\\u0000" not in message.body and b"\\ud" not in message.body.lower():
        return message
    body = json.dumps(_scrub(json.loads(message.body)), ensure_ascii=False).encode()
    return StoredEvent(message.sequence, message.subject, message.time, body, message.headers)


def _is_utf8(body: bytes) -> bool:
    """Without a byte order mark. JSON may be UTF-16 too, and Python reads surrogates as bytes (`json.loads`)."""
    try:
        return not body.decode().startswith("\ufeff")
    except UnicodeDecodeError:
        return False


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list):
        return [_scrub(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _scrub(item) for key, item in value.items()}
    return value


def _clean(text: str) -> str:
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _short(text: str) -> str:
    """At most `_LONGEST` characters: a subject may have thousands, more than an index takes."""
    return _clean(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def fingerprint(message: StoredEvent) -> str:
    """What tells whether the message at a sequence is still the same: a stream that lost its end uses numbers again."""
    return hashlib.sha256(
        b"\n".join((message.subject.encode(), message.time.isoformat().encode(), message.body))
    ).hexdigest()
