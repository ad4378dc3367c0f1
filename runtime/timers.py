"""Timers of the server: an event that comes when it is due, whatever runs by then, and over restarts of everything.

A message schedule of JetStream (ADR-51 of NATS) on `timer.<name>` puts the event on `due.<subject>` in TIMERS, and
EVENTS takes it from there as `<subject>`. What is due while no worker runs waits on the stream like any other event.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from nats.errors import Error as NatsError
from nats.js.errors import APIError

from contracts.base import Payload
from contracts.envelope import CONTENT_TYPE, Event
from contracts.subjects import Subject
from runtime.bus import Bus
from runtime.envelope import follow_up
from runtime.errors import Retry, Unavailable
from runtime.kv import key_of
from runtime.topology import TIMERS

__all__ = ["SOURCE", "Timers"]

P = TypeVar("P", bound=Payload)
SOURCE = "clipwire/timer"
"""Of the events that timers bring; their `time` is when they were due."""
_KEPT_IN_TIMERS = "168h"
"""How long TIMERS keeps what was due; EVENTS, which has it within milliseconds, keeps it for ever."""


class Timers:
    """Set, replaced and cancelled by name. The server fires each once; killed in between, it may fire it again."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def set(self, name: str, when: datetime, subject: Subject[P], data: P, *, cause: Event[Any]) -> None:
        """Put `subject` on the stream at `when` (at once, if that is past), in place of the timer of that name.

        Its id follows from `cause` and `when`. Raises as `Bus.publish` does, and `Retry` for the very timer that has
        just brought `cause`: set again, it would come again at once, as often as it is set.
        """
        when = when.astimezone(UTC)
        if cause.source == SOURCE and cause.time >= when:
            raise Retry(
                f"the NATS server says that it is {when:%H:%M:%S} UTC already, and the clock here says that it is not",
                after=max(0.5, (when - datetime.now(UTC)).total_seconds()),
                advice="Have both machines set their clocks by NTP",
            )
        event = follow_up(cause, subject, data, source="timer", once=f"{cause.id}@{when.isoformat()}")
        headers = {
            "Nats-Schedule": f"@at {when.isoformat()}",
            "Nats-Schedule-Target": f"due.{subject.name}",
            "Nats-Schedule-TTL": _KEPT_IN_TIMERS,
            "content-type": CONTENT_TYPE,
        }
        # Without a `Nats-Msg-Id`: one subject has one schedule, so that sending it again after a lost answer does no
        # harm, and going back to an earlier time is no duplicate.
        body = event.model_copy(update={"time": when}).to_json()
        await self._bus.store(_subject(name), body, headers, stream=TIMERS)

    async def cancel(self, name: str) -> None:
        """Forget the timer of that name, if there is one. Raises `Unavailable`."""
        try:
            await self._bus.js.purge_stream(TIMERS, subject=_subject(name))
        except (NatsError, APIError, OSError, TimeoutError) as error:
            raise Unavailable(
                f"the server did not cancel the timer {name} ({error or type(error).__name__})"
            ) from error


def _subject(name: str) -> str:
    return f"timer.{key_of(name)}"
