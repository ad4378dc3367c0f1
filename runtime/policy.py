"""What becomes of a message: heartbeats while it is worked on, then acknowledged, given back, or set aside.

| the handler                | the message                                                                       |
| -------------------------- | --------------------------------------------------------------------------------- |
| returns                    | acknowledged: everything it emitted is on the stream                               |
| raises `Retry(after=…)`    | given back after that delay, until it is `retry_for_s` old; then as for `Reject`   |
| raises `Retry` or any bug  | given back after a growing delay; after `max_attempts` failures as for `Reject`    |
| raises `Reject`            | `work.failed` on the stream, a dead letter, terminated                             |
| is cancelled (we stop)     | given back at once                                                                |
| never ends: its worker dies | comes back after `ack_wait`; after `max_deliveries` of that as for `Reject`       |
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import anyio
import structlog
from faststream import BaseMiddleware
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from contracts.base import Payload
from contracts.envelope import Event, Progress
from contracts.subjects import Subject
from runtime.actor import Handler
from runtime.attempts import Attempts, Tally
from runtime.bus import Bus
from runtime.dead import Crashed, set_aside
from runtime.envelope import follow_up, original_subject
from runtime.errors import ClipwireError, Reject, Retry
from runtime.jitter import jitter
from runtime.settings import RuntimeSettings
from runtime.telemetry import current_traceparent, meters

__all__ = ["Desk", "LiveWork", "Policy", "backoff"]

log = structlog.get_logger(__name__)

_LONGEST_BACKOFF_S = 120.0
_SET_ASIDE_AGAIN_S = 10.0


def backoff(attempt: int, *, jitter: float = 0.0) -> float:
    """Seconds before attempt `attempt` + 1: 1, 2, 4, … up to two minutes; `jitter` in [0, 1] adds up to a quarter."""
    base = min(_LONGEST_BACKOFF_S, 2.0 ** (attempt - 1))
    return base * (1 + jitter / 4)


@dataclass(frozen=True)
class Desk:
    """What the policy of one actor needs: the bus, the settings, the actor's name, and the count of failures."""

    actor: str
    bus: Bus
    settings: RuntimeSettings
    attempts: Attempts

    async def handle(self, handler: Handler[Any], event: Event[Any], message: Msg) -> None:
        """Run a handler, unless the message has killed its worker too often."""
        deliveries = message.metadata.num_delivered or 1
        returned = 0 if deliveries == 1 else (await self.attempts.of(message)).returned
        if deliveries > self.settings.max_deliveries:
            crashes = deliveries - 1 - returned
            if crashes >= self.settings.max_deliveries:
                raise Crashed(
                    f"it was delivered {crashes} times and every time its worker ended before the work did",
                    advice="Look for a crash or too little memory in the worker's log, then send the command again",
                )
        await handler(event.data, LiveWork(self, event, returned + 1))


class LiveWork:
    """`runtime.actor.Work` on the real bus."""

    def __init__(self, desk: Desk, event: Event[Any], attempt: int) -> None:
        self._desk = desk
        self.event = event
        self.attempt = attempt

    def owned(self, owner: str | None) -> LiveWork:
        """See `Work.owned`."""
        return LiveWork(self._desk, self.event.model_copy(update={"owner": owner}), self.attempt)

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
                owner=self.event.owner,
                eta_s=eta_s,
                time=datetime.now(UTC),
            )
        )


class Policy(BaseMiddleware[Any, list[Msg]]):
    """The table above, around every message of an actor; they come in batches of one."""

    def __init__(self, messages: list[Msg], /, *, context: Any, desk: Desk) -> None:
        super().__init__(messages, context=context)
        (self.message,) = messages
        self.desk = desk
        self.meters = meters(desk.actor, original_subject(self.message.subject))

    async def on_receive(self) -> None:
        """Start the heartbeat: a third of `ack_wait` apart, so that two may be lost."""
        self.started = time.monotonic()
        self.meters.in_flight.inc()
        self.heart = Heart(self.message, self.desk.settings.ack_wait_s / 3)

    async def after_processed(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> bool:
        """Decide; true: the exception has been dealt with."""
        try:
            if exc_val is None:
                outcome = await self._done()
            else:
                # Stopping cancels us too; the message must still be given back.
                with anyio.CancelScope(shield=True):
                    outcome = await self._failed(exc_val)
        finally:
            self.heart.stop()
            self.meters.in_flight.dec()
        self.meters.handled(outcome).inc()
        self.meters.seconds.observe(time.monotonic() - self.started)
        return isinstance(exc_val, Exception) or (isinstance(exc_val, asyncio.CancelledError) and not _stopping())

    async def _done(self) -> str:
        await self.message.ack()
        return "done"

    async def _failed(self, error: BaseException) -> str:
        if not isinstance(error, Exception):
            await self.message.nak()
            return "cancelled"
        if not isinstance(error, Reject) and (delay := await self._delay(error)) is not None:
            return await self._give_back(error, delay)
        try:
            await set_aside(self.desk.bus, self.desk.actor, self.message, error, (await self.attempts()).failed)
        except ClipwireError as trouble:
            return await self._give_back(trouble, _SET_ASIDE_AGAIN_S)
        await self.message.term()
        expected = isinstance(error, ClipwireError)
        say = log.warning if expected else log.error
        say("message.set_aside", **self._about(), why=str(error)[:500], exc_info=None if expected else error)
        return "set_aside"

    async def attempts(self) -> Tally:
        """How often this message failed so far. A first delivery never did."""
        first = (self.message.metadata.num_delivered or 1) == 1
        return Tally() if first else await self.desk.attempts.of(self.message)

    async def _delay(self, error: Exception) -> float | None:
        """Seconds until it is tried again; none: it was tried long enough.

        Failures count, kills do not. Who says when to come back is believed, for as long as `retry_for_s` allows.
        """
        named = error.after if isinstance(error, Retry) else None
        tally = await self.desk.attempts.note(self.message, failed=named is None)
        if named is not None:
            age = (datetime.now(UTC) - self.message.metadata.timestamp).total_seconds()
            return named if age + named < self.desk.settings.retry_for_s else None
        if tally.failed >= self.desk.settings.max_attempts:
            return None
        return backoff(tally.failed, jitter=jitter())

    async def _give_back(self, error: Exception, delay: float) -> str:
        expected = isinstance(error, ClipwireError)
        say = log.info if expected else log.error
        exc_info = None if expected else error
        say("message.again", **self._about(), after_s=round(delay, 2), why=str(error)[:500], exc_info=exc_info)
        await self.message.nak(delay=delay)
        return "again"

    def _about(self) -> dict[str, Any]:
        place = self.message.metadata
        return {"subject": self.message.subject, "sequence": place.sequence.stream, "delivery": place.num_delivered}


def _stopping() -> bool:
    """Whether it is this slot that was cancelled, not something that a handler waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Heart:
    """Tells the server every `every` seconds that the message is worked on, until it is stopped.

    A timer, because most work ends before its first beat and a task for each message costs more than that work.
    """

    def __init__(self, message: Msg, every: float) -> None:
        self._message = message
        self._every = every
        self._loop = asyncio.get_running_loop()
        self._beat: asyncio.Task[None] | None = None
        self._timer = self._loop.call_later(every, self._due)

    def stop(self) -> None:
        """No beat after this."""
        self._timer.cancel()
        if self._beat is not None:
            self._beat.cancel()

    def _due(self) -> None:
        self._beat = self._loop.create_task(self._say())
        self._timer = self._loop.call_later(self._every, self._due)

    async def _say(self) -> None:
        try:
            await self._message.in_progress()
        except NatsError as error:  # the connection is away; the next beat tries again
            log.info("heartbeat.lost", error=str(error))
