"""What is set aside: `work.failed` on the stream for people, and a dead letter that points at the message."""

from __future__ import annotations

import json
from typing import Any, Literal

from nats.aio.msg import Msg

from contracts.envelope import Event
from contracts.events import WorkFailed
from contracts.subjects import WORK_FAILED
from contracts.work import Failure
from runtime.bus import Bus
from runtime.envelope import StoredEvent, decode, follow_up, original_subject, stored_from, stored_id
from runtime.errors import ClipwireError, Reject
from runtime.topology import DEAD_LETTERS, EVENTS, consumer_name

__all__ = ["Crashed", "set_aside"]

_LONGEST_TEXT = 2000
_LONGEST_HEADER = 300


class Crashed(Reject):
    """The message was delivered so often without an end that it must be what kills its worker."""


async def set_aside(bus: Bus, actor: str, message: Msg, error: Exception, failed: int) -> None:
    """Say `work.failed` and keep a dead letter; both once, however often it is tried. Raises `Unavailable`."""
    stored = stored_from(message)
    subject = original_subject(message.subject)
    try:
        event: Event[Any] | None = decode(stored)
    except Reject:
        event = None
    failure = _failure(actor, subject, stored, event, error, max(1, failed))
    cause = event or _malformed_cause(stored, subject, failure)
    once = f"{failure.event_id}|{actor}"
    await bus.publish(follow_up(cause, WORK_FAILED, WorkFailed(failure=failure), source=actor, once=once))
    headers = {
        "Nats-Msg-Id": once,
        "clipwire-kind": failure.kind,
        "clipwire-what": " ".join(failure.what.split())[:_LONGEST_HEADER].encode("ascii", "replace").decode(),
    }
    # The message itself stays on the stream for ever, so its place is enough and never too large.
    letter = {"stream": EVENTS, "sequence": stored.sequence, "subject": stored.subject, "event_id": failure.event_id}
    dead = f"dlq.{consumer_name(actor, subject)}.{subject}"
    await bus.store(dead, json.dumps(letter).encode(), headers, stream=DEAD_LETTERS)


def _failure(
    actor: str,
    subject: str,
    stored: StoredEvent,
    event: Event[Any] | None,
    error: BaseException,
    attempts: int,
) -> Failure:
    kind: Literal["invalid", "rejected", "exhausted", "crashed"] = "exhausted"
    if isinstance(error, Crashed):
        kind = "crashed"
    elif isinstance(error, Reject):
        kind = "invalid" if event is None else "rejected"
    ident = event.id if event else stored_id(stored)
    known = isinstance(error, ClipwireError)
    return Failure(
        stage=actor,
        subject=subject,
        event_id=ident,
        entity=(event.subject or event.data.key) if event else ident,
        kind=kind,
        what=_short(error.what if isinstance(error, ClipwireError) else f"{type(error).__name__}: {error}"),
        advice=_short(error.advice if isinstance(error, ClipwireError) and error.advice else _ADVICE[known]),
        field=error.field[:_LONGEST_HEADER] if isinstance(error, Reject) and error.field else None,
        attempts=attempts,
    )


_ADVICE = {
    True: "Correct it and send the command again",
    False: "This is a bug of Clipwire: please report it with the log of this process, then send the command again",
}


def _malformed_cause(stored: StoredEvent, subject: str, failure: Failure) -> Event[Any]:
    """A stand-in for a message that is no event, so that its failure can point at it."""
    return Event(
        id=failure.event_id,
        source="operator",
        type=subject,
        subject=failure.entity,
        time=stored.time,
        data=WorkFailed(failure=failure),
        correlationid=failure.event_id,
    )


def _short(text: str) -> str:
    """An exception may quote a whole document; a person needs its beginning."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} […]"
