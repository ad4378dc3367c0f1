"""Commands: a request that fits its contract becomes an event on the stream, once per `Idempotency-Key`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol, TypeVar
from uuid import uuid4, uuid5

from contracts.base import Payload
from contracts.envelope import Event
from contracts.events import RenderRequested
from contracts.ids import NAMESPACE
from contracts.subjects import BY_NAME, COMMANDS, Subject
from gateway.http.problems import ProblemError
from gateway.http.views import Accepted
from gateway.projection.reads import ReadModels
from gateway.users.ownership import Ownership
from gateway.users.principal import Principal
from runtime.bus import Stored, StreamState, new_command
from runtime.envelope import parse_payload

__all__ = ["Commands", "Publisher", "command_named"]

P = TypeVar("P", bound=Payload)
_KEY = re.compile(r"^[\x21-\x7e]{1,200}$")


class Publisher(Protocol):
    """The bus, as far as commands need it."""

    async def publish(self, event: Event[Any]) -> Stored:
        """See `runtime.bus.Bus.publish`."""
        ...

    async def stream_state(self) -> StreamState:
        """See `runtime.bus.Bus.stream_state`."""
        ...


def command_named(name: str) -> Subject[Any]:
    """The command of this name. Raises a 404 problem that names those that there are."""
    known = [subject.name for subject in COMMANDS]
    if name not in known:
        fact = " is a fact that actors state, not a command" if name in BY_NAME else " is no subject"
        raise ProblemError(404, f"{name!r}{fact}", advice=f"Commands: {', '.join(known)}", known=known)
    return BY_NAME[name]


@dataclass(frozen=True)
class Commands:
    """Sends commands."""

    bus: Publisher
    reads: ReadModels
    ownership: Ownership

    async def send(
        self, subject: Subject[Any], body: dict[str, Any], key: str | None, by: Principal, *, uploaded: bool = False
    ) -> Accepted:
        """Validate a body by its contract and put it on the stream, as a command of whoever sends it.

        The same key and body again lead to the same event; with another body it is refused, as the IETF draft on the
        Idempotency-Key header asks (section 2.7). Raises `Reject` naming the field that does not fit, and
        `ForeignError` for what is not theirs.
        """
        data, owner, own = await self.admitted(subject, body, by, uploaded=uploaded)
        if key is None:
            ident = str(uuid4()) if own is None else str(uuid5(NAMESPACE, _whose(by, f"{subject.name}|{own}")))
            return await self._publish(subject, data, ident, owner)
        return await self._once(subject, data, _whose(by, _checked(key)), owner)

    async def admitted(
        self, subject: Subject[Any], body: dict[str, Any], by: Principal, *, uploaded: bool
    ) -> tuple[Payload, str | None, str | None]:
        """The command as it may be sent, its owner, and the id that the body brings. Raises as `send` does."""
        # A body may bring its own `id`, as on the bus, to be recognised when it is sent again.
        body = dict(body)
        own = body.pop("id", None) if "id" not in subject.model.model_fields else None
        if own is not None and not (isinstance(own, str) and 0 < len(own) <= 200):
            raise ProblemError(422, "id: a text of 1 to 200 characters", field="id")
        data = _signed(parse_payload(subject, body, strict=not uploaded), by)
        data, owner = await self.ownership.admit(data, by, uploaded=uploaded)
        return data, owner, own

    async def _once(self, subject: Subject[Any], data: Payload, key: str, owner: str | None) -> Accepted:
        digest = sha256(json.dumps(data.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()
        ident = str(uuid5(NAMESPACE, f"http|{subject.name}|{key}"))
        there = await self.reads.remember(key, subject.name, digest, ident)
        if there["digest"] != digest:
            raise ProblemError(
                422,
                f"the Idempotency-Key was used for another {subject.name}",
                advice="Send a new key with a new command",
                field="Idempotency-Key",
            )
        if there["sequence"] is not None:
            return _accepted(subject, _with_id(subject, data, ident), ident, there["sequence"], duplicate=True)
        accepted = await self._publish(subject, data, ident, owner)
        await self.reads.remember_stored(key, subject.name, accepted.sequence)
        return accepted

    async def _publish(self, subject: Subject[Any], data: Payload, ident: str, owner: str | None) -> Accepted:
        data = _with_id(subject, data, ident)
        event = new_command(subject, data, source="gateway", id=ident, owner=owner)
        stored = await self.bus.publish(event)
        return _accepted(subject, data, ident, stored.sequence, duplicate=stored.duplicate)


def _whose(by: Principal, name: str) -> str:
    """A name that a user chose is another one than the same name of another user. No name has a space."""
    return name if by.owner is None else f"{by.owner} {name}"


def _signed(data: Payload, by: Principal) -> Payload:
    """Who decides is not theirs to say; the operator may speak for somebody."""
    if by.user is None:
        return data
    fields = {"approved_by", "rejected_by", "requested_by"} & type(data).model_fields.keys()
    signed: dict[str, Any] = dict.fromkeys(fields, by.name)
    if isinstance(data, RenderRequested) and data.publish is not None:
        signed["publish"] = data.publish.model_copy(update={"requested_by": by.name})
    return data.model_copy(update=signed)


def _checked(key: str) -> str:
    if not _KEY.match(key):
        raise ProblemError(422, "Idempotency-Key: 1 to 200 visible ASCII characters", field="Idempotency-Key")
    return key


def _with_id(subject: Subject[Any], data: Payload, ident: str) -> Payload:
    """A scan that was not named gets the id of its command, so that its job can be found."""
    if "scan_id" in subject.model.model_fields and getattr(data, "scan_id", None) is None:
        return data.model_copy(update={"scan_id": ident})
    return data


def _accepted(subject: Subject[Any], data: Payload, ident: str, sequence: int, *, duplicate: bool) -> Accepted:
    job = data.clip_id if isinstance(data, RenderRequested) else data.key
    return Accepted(event_id=ident, sequence=sequence, subject=subject.name, job=job, duplicate=duplicate)
