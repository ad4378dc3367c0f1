"""From a stored message to an `Event`: structured CloudEvents, binary ones (`ce-*` headers), or a bare contract.

A bare body is what a person sends: `discovery.requested {"niche": "ai tools"}`. It gets an id made from its place in
the stream, so that every delivery of the same stored message is the same event. Its unknown fields are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast
from uuid import uuid4, uuid5

from nats.aio.msg import Msg
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contracts.base import Payload, as_json_says, control_in
from contracts.envelope import Event
from contracts.ids import NAMESPACE, event_id
from contracts.subjects import BY_NAME, Subject
from runtime.errors import Reject

__all__ = [
    "StoredEvent",
    "decode",
    "event_model",
    "follow_up",
    "new_command",
    "original_subject",
    "parse_payload",
    "stored_id",
]

P = TypeVar("P", bound=Payload)
_LONGEST_ID = 200
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")  # W3C Trace Context, level 1
Headers = Mapping[str, str]


@dataclass(frozen=True)
class StoredEvent:
    """A message as it lies in the stream."""

    sequence: int
    subject: str
    time: datetime
    body: bytes
    headers: Headers = field(default_factory=dict)

    def event(self) -> Event[Any]:
        """The event in it. Raises `Reject` with the field that does not fit."""
        return decode(self)


def decode(stored: StoredEvent) -> Event[Any]:
    """See `StoredEvent.event`."""
    name = original_subject(stored.subject)
    subject = BY_NAME.get(name)
    if subject is None:
        raise Reject(f"nothing is known of the subject {name!r}", advice=f"Known subjects: {', '.join(BY_NAME)}")
    if b'"specversion"' in stored.body:
        try:
            return _of_its_type(subject, event_model(subject).model_validate_json(stored.body))
        except ValidationError:
            pass  # what is wrong with it is found out, and said, below
    body = _json_object(stored.body, name)
    if "specversion" in body:
        return _structured(subject, body)
    binary = {key.lower()[3:]: value for key, value in stored.headers.items() if key.lower().startswith("ce-")}
    if "specversion" in binary:
        return _structured(subject, {**binary, "data": body})
    return _bare(subject, body, stored)


def stored_from(message: Msg) -> StoredEvent:
    """The stored message behind a delivery."""
    place = message.metadata
    return StoredEvent(place.sequence.stream, message.subject, place.timestamp, message.data, message.headers or {})


def original_subject(subject: str) -> str:
    """`redrive.<actor>.<subject>` carries a message of `<subject>`."""
    return subject.split(".", 2)[2] if subject.startswith("redrive.") and subject.count(".") >= 2 else subject


def stored_id(stored: StoredEvent) -> str:
    """Id of a message that brings none: the same for every delivery of the same stored message."""
    return str(uuid5(NAMESPACE, f"{stored.subject}|{stored.sequence}|{stored.time.isoformat()}"))


def parse_payload(subject: Subject[P], body: Any, *, strict: bool = False) -> P:
    """A contract from a body that a person or a program wrote. Raises `Reject` naming the field.

    `strict`: it came as JSON, which tells numbers from texts; in a form, and in what was once taken, `"3"` is a number.
    """
    try:
        data = as_json_says(subject.model, body) if strict else subject.model.model_validate(body, extra="forbid")
        return _legible(subject, data)
    except ValidationError as error:
        raise _misfit(subject, error) from None


def _legible(subject: Subject[Any], data: P) -> P:
    """An order from outside, if its texts hold no control characters."""
    if subject.command and (hit := control_in(data.model_dump())) is not None:
        field, character = hit
        raise Reject(
            f"{subject.name} does not fit its contract: {field}: it holds the control character {character}",
            advice="Leave it out: of control characters, a text holds line ends and tabs alone",
            field=field,
        )
    return data


def new_command(
    subject: Subject[P], data: P, *, source: str, id: str | None = None, owner: str | None = None
) -> Event[P]:
    """An event that follows from no other. `id`: to have a second sending recognised; `owner`: whose it is."""
    ident = id or str(uuid4())
    return Event(
        id=ident,
        source=f"clipwire/{source}",
        type=subject.name,
        subject=data.key,
        time=datetime.now(UTC),
        data=data,
        correlationid=ident,
        owner=owner,
        schemaversion=data.VERSION,
    )


def follow_up(cause: Event[Any], subject: Subject[P], data: P, *, source: str, once: str | None = None) -> Event[P]:
    """The event that `cause` led to, under an id that follows from it (or from `once`)."""
    return Event(
        id=str(event_id(once or cause.id, subject.name, data.key)),
        source=f"clipwire/{source}",
        type=subject.name,
        subject=data.key,
        time=datetime.now(UTC),
        data=data,
        correlationid=cause.correlationid or cause.id,
        causationid=cause.id,
        owner=cause.owner,
        traceparent=cause.traceparent,
        schemaversion=data.VERSION,
    )


def _json_object(body: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:  # no UTF-8, no JSON, or a number of more digits than Python reads
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "it holds what JSON text can't"
        raise Reject(f"the body of {name} is not JSON: {reason}", advice="Send one JSON object", field="body") from None
    except RecursionError:
        raise Reject(
            f"the body of {name} is nested too deeply", advice="Send one flat JSON object", field="body"
        ) from None
    if not isinstance(value, dict):
        raise Reject(
            f"the body of {name} is no JSON object",
            advice="Send one JSON object",
            field="body",
        )
    return value


@cache
def event_model(subject: Subject[Any]) -> type[Event[Any]]:
    """The envelope with the payload of a subject."""
    # What `Event[…]` calls; mypy takes only types that it knows into such brackets.
    return cast("type[Event[Any]]", Event.__class_getitem__(subject.model))


def _structured(subject: Subject[Any], body: dict[str, Any]) -> Event[Any]:
    try:
        event = event_model(subject).model_validate(body)
    except ValidationError as error:
        raise _misfit(subject, error) from None
    return _of_its_type(subject, event)


def _of_its_type(subject: Subject[Any], event: Event[Any]) -> Event[Any]:
    if event.type != subject.name:
        raise Reject(
            f"an event of type {event.type!r} was sent on the subject {subject.name!r}",
            advice="Send it on the subject of its type",
            field="type",
        )
    if event.source.startswith("clipwire/"):
        return event
    _legible(subject, event.data)
    # CloudEvents ids are unique for their source only; ours are unique.
    return event.model_copy(update={"id": str(uuid5(NAMESPACE, f"{event.source}|{event.id}"))})


def _bare(subject: Subject[Any], body: dict[str, Any], stored: StoredEvent) -> Event[Any]:
    ident = stored.headers.get("Nats-Msg-Id") or stored_id(stored)
    if len(ident) > _LONGEST_ID:
        ident = str(uuid5(NAMESPACE, f"{subject.name}|{ident}"))
    traceparent = stored.headers.get("traceparent", "")
    if "id" in body and "id" not in subject.model.model_fields:
        ident = str(uuid5(NAMESPACE, f"{subject.name}|{body['id']}"))
        body = {key: value for key, value in body.items() if key != "id"}
    data = parse_payload(subject, body)
    return Event(
        id=ident,
        source="operator",
        type=subject.name,
        subject=data.key,
        time=stored.time,
        data=data,
        correlationid=ident,
        traceparent=traceparent if _TRACEPARENT.match(traceparent) else None,
    )


def _misfit(subject: Subject[Any], error: ValidationError) -> Reject:
    first = error.errors(include_url=False, include_context=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    more = error.error_count() - 1
    return Reject(
        f"{subject.name} does not fit its contract: {path or 'body'}: {_in_words(subject, first)}"
        + (f" (and {more} more)" if more else ""),
        advice=f"See the schema of {subject.name}: clipwire export schemas",
        field=path or "body",
    )


def _in_words(subject: Subject[Any], error: ErrorDetails) -> str:
    """What pydantic found, for a person: no regular expressions, no class names."""
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"there is no such field; there are {', '.join(subject.model.model_fields)}"
    if error["type"] == "missing":
        return "it is missing"
    if error["type"] == "string_pattern_mismatch" and (known := subject.model.model_fields.get(name)):
        expected = next((note.description for note in known.metadata if getattr(note, "description", None)), None)
        return f"{str(error['input'])[:80]!r} is not of the right form" + _expected(known.description or expected)
    return error["msg"].removeprefix("Value error, ")


def _expected(description: str | None) -> str:
    return f": {description}" if description else ""
