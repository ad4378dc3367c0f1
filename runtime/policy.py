"""What becomes of a message: heartbeats while it is worked on, then acknowledged, given back, or set aside.

| the handler                | the message                                                                        |
| -------------------------- | ---------------------------------------------------------------------------------- |
| returns                    | acknowledged: everything it emitted is on the stream                                |
| raises `Retry`             | given back, after the delay it names or a growing one                               |
| raises `Reject`            | `work.failed` on the stream, a copy in the dead letters, terminated                  |
| raises anything else       | given back after a growing delay; after `max_attempts` deliveries as for `Reject`   |
| is cancelled (we stop)     | given back at once                                                                 |
| never ends: the worker dies | comes back after `ack_wait`; after `max_deliveries` as for `Reject`, without a run |
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

import anyio
import structlog
from faststream import BaseMiddleware
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from contracts.base import Payload
from contracts.envelope import Event, Progress
from contracts.events import WorkFailed
from contracts.subjects import WORK_FAILED, Subject
from contracts.work import Failure
from runtime.actor import Handler
from runtime.bus import Bus
from runtime.envelope import StoredEvent, decode, follow_up, original_subject, stored_id
from runtime.errors import ClipwireError, Reject, Retry
from runtime.settings import RuntimeSettings
from runtime.telemetry import HANDLED, IN_FLIGHT, SECONDS, current_traceparent
from runtime.topology import DEAD_LETTERS, consumer_name

__all__ = ["Desk", "LiveWork", "Policy", "backoff", "stored_from"]

log = structlog.get_logger(__name__)

_LONGEST_BACKOFF_S = 120.0


class Crashed(Reject):
    """The message was delivered so often without an end that it must be what kills its worker."""


def backoff(attempt: int, *, jitter: float = 0.0) -> float:
    """Seconds before attempt `attempt` + 1: 1, 2, 4, … up to two minutes; `jitter` in [0, 1] adds up to a quarter."""
    base = min(_LONGEST_BACKOFF_S, 2.0 ** (attempt - 1))
    return base * (1 + jitter / 4)


def stored_from(message: Msg) -> StoredEvent:
    """The stored message behind a delivery."""
    place = message.metadata
    return StoredEvent(place.sequence.stream, message.subject, place.timestamp, message.data, message.headers or {})


@dataclass(frozen=True)
class Desk:
    """What the policy of one actor needs: the bus, the settings, and the actor's name."""

    actor: str
    bus: Bus
    settings: RuntimeSettings

    async def handle(self, handler: Handler[Any], event: Event[Any], attempt: int) -> None:
        """Run a handler, unless the message has killed its worker too often."""
        if attempt > self.settings.max_deliveries:
            raise Crashed(
                f"it was delivered {attempt - 1} times and every time its worker ended before the work did",
                advice="Look for a crash or too little memory in the worker's log, then drive it again",
            )
        await handler(event.data, LiveWork(self, event, attempt))

    async def set_aside(self, message: Msg, error: BaseException) -> None:
        """Say `work.failed` on the stream and keep a copy in the dead letters; both once, however often it is tried."""
        stored = stored_from(message)
        subject = original_subject(message.subject)
        try:
            event: Event[Any] | None = decode(stored)
        except Reject:
            event = None
        failure = _failure(self.actor, subject, stored, event, error, message.metadata.num_delivered or 1)
        cause = event or _malformed_cause(stored, subject, failure)
        said = follow_up(
            cause,
            WORK_FAILED,
            WorkFailed(failure=failure),
            source=self.actor,
            once=f"{failure.event_id}|{self.actor}",
        )
        await self.bus.publish(said)
        headers = {
            "Nats-Msg-Id": f"{failure.event_id}|{self.actor}",
            "clipwire-kind": failure.kind,
            "clipwire-what": " ".join(failure.what.split())[:900],
            "clipwire-attempts": str(failure.attempts),
        }
        dead = f"dlq.{consumer_name(self.actor, subject)}.{subject}"
        await self.bus.store(dead, message.data, headers, stream=DEAD_LETTERS)


class LiveWork:
    """`runtime.actor.Work` on the real bus."""

    def __init__(self, desk: Desk, event: Event[Any], attempt: int) -> None:
        self._desk = desk
        self.event = event
        self.attempt = attempt

    async def emit(self, subject: Subject[Any], data: Payload, *, once: str | None = None) -> None:
        """See `Work.emit`."""
        event = follow_up(self.event, subject, data, source=self._desk.actor, once=once)
        traceparent = current_traceparent()
        await self._desk.bus.publish(event.model_copy(update={"traceparent": traceparent}) if traceparent else event)

    async def progress(self, done: float | None = None, note: str = "", *, eta_s: float | None = None) -> None:
        """See `Work.progress`."""
        entity = self.event.subject or self.event.data.key
        await self._desk.bus.report(
            Progress(
                stage=self._desk.actor,
                entity=entity,
                done=done,
                note=note,
                eta_s=eta_s,
                time=datetime.now(UTC),
            )
        )


class Policy(BaseMiddleware[Any, Msg]):
    """The table above, around every message of an actor."""

    def __init__(self, msg: Msg, /, *, context: Any, desk: Desk) -> None:
        super().__init__(msg, context=context)
        self.desk = desk
        self.labels = (desk.actor, original_subject(msg.subject))

    async def on_receive(self) -> None:
        """Start the heartbeat: a third of `ack_wait` apart, so that two may be lost."""
        self.started = time.monotonic()
        IN_FLIGHT.labels(*self.labels).inc()
        self.heart = asyncio.create_task(_beat(self.msg, self.desk.settings.ack_wait_s / 3))

    async def after_processed(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> bool:
        """Decide; true: the exception has been dealt with."""
        try:
            # Stopping cancels us too; the message must still be given back.
            with anyio.CancelScope(shield=True):
                outcome = await self._settle(exc_val)
        finally:
            self.heart.cancel()
            with suppress(asyncio.CancelledError):
                await self.heart
            IN_FLIGHT.labels(*self.labels).dec()
        HANDLED.labels(*self.labels, outcome).inc()
        SECONDS.labels(*self.labels).observe(time.monotonic() - self.started)
        return isinstance(exc_val, Exception)

    async def _settle(self, error: BaseException | None) -> str:
        attempt = self.msg.metadata.num_delivered or 1
        if error is None:
            await self.msg.ack()
            return "done"
        if not isinstance(error, Exception):
            await self.msg.nak()
            return "cancelled"
        if not isinstance(error, Reject) and attempt < self.desk.settings.max_attempts:
            return await self._give_back(error, attempt)
        try:
            await self.desk.set_aside(self.msg, error)
        except Retry as unavailable:
            return await self._give_back(unavailable, attempt)
        await self.msg.term()
        level = log.warning if isinstance(error, ClipwireError) else log.error
        level(
            "message.set_aside",
            **self._about(attempt),
            exc_info=None if isinstance(error, ClipwireError) else error,
        )
        return "set_aside"

    async def _give_back(self, error: Exception, attempt: int) -> str:
        named = error.after if isinstance(error, Retry) else None
        delay = backoff(attempt, jitter=random.random()) if named is None else named  # noqa: S311  # jitter, no secret
        expected = isinstance(error, Retry)
        level = log.info if expected else log.error
        level(
            "message.again",
            **self._about(attempt),
            after_s=round(delay, 2),
            why=str(error),
            exc_info=None if expected else error,
        )
        await self.msg.nak(delay=delay)
        return "again"

    def _about(self, attempt: int) -> dict[str, Any]:
        return {
            "subject": self.msg.subject,
            "sequence": self.msg.metadata.sequence.stream,
            "attempt": attempt,
        }


async def _beat(message: Msg, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        try:
            await message.in_progress()
        except NatsError as error:  # the connection is away; the next beat tries again
            log.info("heartbeat.lost", error=str(error))


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
        what=error.what if isinstance(error, ClipwireError) else f"{type(error).__name__}: {error}",
        advice=(error.advice if isinstance(error, ClipwireError) and error.advice else _ADVICE[known]),
        field=error.field if isinstance(error, Reject) else None,
        attempts=max(1, attempts),
    )


_ADVICE = {
    True: "Correct it and send the command again",
    False: "This is a bug of Clipwire: please report it with the log of this process, then drive it again",
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
