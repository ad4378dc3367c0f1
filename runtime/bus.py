"""The connection to NATS: publish events once, read the stream in order, watch progress, see who consumes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from nats.js import JetStreamContext
from nats.js.errors import APIError, BadRequestError, KeyNotFoundError
from pydantic import ValidationError

from contracts.asks import Ask
from contracts.audit import AUDIT, AuditEntry
from contracts.base import Contract
from contracts.envelope import CONTENT_TYPE, Event, Progress
from contracts.subjects import progress_subject
from runtime.asks import Answers, answering, ask
from runtime.connection import connect, words_of
from runtime.envelope import StoredEvent, new_command
from runtime.errors import Reject, Unavailable
from runtime.jitter import jitter
from runtime.kv import bucket_of, keys_in
from runtime.provision import provision
from runtime.reading import read_stream
from runtime.rights import is_limited
from runtime.topology import EVENTS, Consumer

__all__ = [
    "Bus",
    "ConsumerState",
    "ProcessState",
    "Stored",
    "StoredEvent",
    "StreamState",
    "connect",
    "new_command",
    "open_bus",
]

log = structlog.get_logger(__name__)

Q = TypeVar("Q", bound=Contract)
A = TypeVar("A", bound=Contract)
_ATTEMPT_S = 2.0


@dataclass(frozen=True)
class Stored:
    """Where an event lies in the stream. `duplicate`: the stream had it already."""

    sequence: int
    duplicate: bool


@dataclass(frozen=True)
class StreamState:
    """First and last sequence of the EVENTS stream, and when it was made."""

    first: int
    last: int
    created: datetime


@dataclass(frozen=True)
class ProcessState:
    """One live process of an actor, and the subjects that it listens to."""

    actor: str
    pid: int
    listens: tuple[str, ...]


@dataclass(frozen=True)
class ConsumerState:
    """One durable consumer. `bound`: a live process is waiting for its messages or working on them."""

    name: str
    actor: str
    subject: str
    bound: bool
    pending: int
    in_flight: int
    redelivered: int


@asynccontextmanager
async def open_bus(url: str, *, name: str, budget: float = 60.0, within: float = 60.0) -> AsyncIterator[Bus]:
    """A bus on a connection of its own, with streams and buckets in place; a limited user finds or misses them."""
    client = await connect(url, name=name, within=within)
    bus = Bus(client, budget=budget, limited=is_limited(url))
    try:
        await bus.provision()
        yield bus
    finally:
        with suppress(OSError, NatsError):  # the server may have ended before us
            await client.close()


class Bus:
    """What everything but a consumer does with NATS. `limited`: its user may not make streams, buckets, consumers."""

    def __init__(self, client: Client, *, budget: float = 60.0, limited: bool = False) -> None:
        self.client = client
        self.js: JetStreamContext = client.jetstream(timeout=5)
        self.budget = budget
        self.limited = limited

    async def publish(self, event: Event[Any]) -> Stored:
        """Put an event on the stream once, however often it is tried.

        Raises `Unavailable` when the server did not take it within the budget, `Reject` when it is too large.
        """
        headers = {"Nats-Msg-Id": event.id, "content-type": CONTENT_TYPE}
        if event.traceparent:
            headers["traceparent"] = event.traceparent
        return await self.store(event.type, event.to_json(), headers, stream=EVENTS)

    async def store(self, subject: str, body: bytes, headers: dict[str, str], *, stream: str) -> Stored:
        """Put a message on a stream, trying again within the budget: its `Nats-Msg-Id` makes that safe."""
        deadline = time.monotonic() + self.budget
        pause = 0.05
        while True:
            try:
                ack = await self.js.publish(subject, body, timeout=_ATTEMPT_S, stream=stream, headers=headers)
            except MaxPayloadError:
                raise Reject(
                    f"an event on {subject} has {len(body)} bytes, more than the server takes",
                    advice="Long texts belong into the media store",
                ) from None
            except BadRequestError as error:
                raise Reject(f"the stream refused an event on {subject} ({error.description})") from error
            except (NatsError, APIError, OSError, TimeoutError) as error:
                if time.monotonic() + pause > deadline:
                    raise Unavailable(
                        f"the bus did not take an event on {subject} within {self.budget:g} s ({words_of(error)})",
                        advice="Look at the NATS server: is it running, is its disk full?",
                    ) from error
                await asyncio.sleep(pause * jitter(0.5, 1.5))
                pause = min(2.0, pause * 2)
            else:
                return Stored(ack.seq, bool(ack.duplicate))

    async def report(self, progress: Progress) -> None:
        """Send progress to whoever is watching; nobody else is told. While the server is away it is dropped."""
        if self.client.is_connected:
            body = progress.model_dump_json(exclude_none=True).encode()
            await self.client.publish(progress_subject(progress.stage, progress.entity), body)

    async def announce(self, entry: AuditEntry) -> None:
        """Tell an entry of the audit to whoever is watching; while the server is away nobody is told."""
        if self.client.is_connected:
            await self.client.publish(f"{AUDIT}.{entry.action}", entry.model_dump_json(exclude_none=True).encode())

    async def watch_progress(self) -> AsyncGenerator[Progress, None]:
        """Progress of all work, as it comes."""
        subscription = await self.client.subscribe("progress.>")
        try:
            async for message in subscription.messages:
                try:
                    yield Progress.model_validate_json(message.data)
                except ValidationError:
                    log.warning("progress.malformed", subject=message.subject)
        finally:
            await _unsubscribe(subscription, self.client)

    async def ask(self, question: Ask[Q, A], data: Q, *, within: float = 30.0) -> A:
        """See `runtime.asks.ask`."""
        return await ask(self.client, question, data, within=within)

    def answering(self, answers: Answers) -> AbstractAsyncContextManager[None]:
        """See `runtime.asks.answering`."""
        return answering(self.client, answers)

    def read(
        self, *, after: int = 0, subjects: Sequence[str] = (), follow: bool = True, batch: int = 500
    ) -> AsyncGenerator[list[StoredEvent], None]:
        """The EVENTS stream in order from the sequence behind `after`, in batches of at most `batch`.

        With `follow` it goes on for ever, over restarts of the server too; else it ends at what is stored now.
        """
        return read_stream(self.client, after=after, subjects=subjects, follow=follow, batch=batch)

    async def stream_state(self) -> StreamState:
        """First and last sequence, and the age of the stream. Raises `Unavailable`."""
        try:
            info = await self.js.stream_info(EVENTS)
        except (NatsError, APIError, OSError, TimeoutError) as error:
            raise Unavailable(f"the NATS server does not answer ({words_of(error)})") from error
        created = info.created
        if created is None:
            raise Unavailable("the NATS server does not tell when its stream was made")
        return StreamState(info.state.first_seq, info.state.last_seq, created)

    async def consumers(self) -> list[ConsumerState]:
        """Every durable consumer of the stream. Raises `Unavailable`."""
        try:
            infos = await self.js.consumers_info(EVENTS)
        except (NatsError, APIError, OSError, TimeoutError) as error:
            raise Unavailable(f"the NATS server does not answer ({words_of(error)})") from error
        alive = {(process.actor, subject) for process in await self.processes() for subject in process.listens}
        states = []
        for info in infos:
            durable = info.config.durable_name
            if not durable or "--" not in durable:
                continue
            actor, subject = durable.split("--")[0], (info.config.filter_subjects or [durable])[0]
            states.append(
                ConsumerState(
                    name=durable,
                    actor=actor,
                    subject=subject,
                    # What a dead worker had in flight stays so until somebody pulls: it has to be alive as well.
                    bound=(actor, subject) in alive and bool(info.num_waiting or info.num_ack_pending),
                    pending=info.num_pending or 0,
                    in_flight=info.num_ack_pending or 0,
                    redelivered=info.num_redelivered or 0,
                )
            )
        return sorted(states, key=lambda state: state.name)

    async def processes(self) -> list[ProcessState]:
        """Every actor process that said in the last seconds that it is alive. Raises `Unavailable`."""
        try:
            states = [await self._process(key) for key in await keys_in(self.js, "actors")]
        except (NatsError, APIError, OSError, TimeoutError) as error:
            raise Unavailable(f"the NATS server does not answer ({words_of(error)})") from error
        return [state for state in states if state is not None]

    async def _process(self, key: str) -> ProcessState | None:
        try:
            said = json.loads((await bucket_of(self.js, "actors").get(key)).value or b"{}")
        except KeyNotFoundError:  # it has just expired
            return None
        return ProcessState(said["actor"], said["pid"], tuple(said["listens"]))

    async def provision(self, consumers: Iterable[Consumer] = (), *, after: Mapping[str, int] | None = None) -> None:
        """Create or update streams, buckets and these consumers. `after`: see `runtime.provision.provision`.

        Where our user may not, wait for whoever may. Raises `Unavailable` if nobody does it within the budget.
        """
        if self.limited:
            await self._provisioned(consumers)
        else:
            await provision(self.client, consumers, after=after)

    async def _provisioned(self, consumers: Iterable[Consumer]) -> None:
        deadline = time.monotonic() + self.budget
        for consumer in consumers:
            while True:
                try:
                    await self.js.consumer_info(EVENTS, consumer.name)
                    break
                except (NatsError, APIError, OSError, TimeoutError) as error:
                    if time.monotonic() > deadline:
                        raise Unavailable(
                            f"the consumer {consumer.name} is not there ({words_of(error)})",
                            advice="`clipwire provision` makes it; `clipwire up` does so by itself",
                        ) from None
                    await asyncio.sleep(jitter(0.2, 0.5))


async def _unsubscribe(subscription: Any, client: Client) -> None:
    if client.is_connected:
        await subscription.unsubscribe()
