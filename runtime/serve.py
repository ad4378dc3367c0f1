"""Runs one actor as a process: connects, binds its consumers, says that it is alive, drains on SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from faststream import ContextRepo
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.message import NatsBatchMessage
from nats.aio.msg import Msg

from contracts.envelope import Event
from contracts.subjects import Subject
from runtime.actor import Actor, Handler
from runtime.attempts import Attempts
from runtime.bus import Bus, open_bus
from runtime.channels import Channels
from runtime.claims import Claims
from runtime.connection import CONNECT_OPTIONS
from runtime.envelope import decode, stored_from
from runtime.errors import ConfigurationError
from runtime.kv import NatsChannels, NatsClaims
from runtime.media import MediaStore, open_media_store
from runtime.policy import Desk, Policy
from runtime.refusal import refusals
from runtime.rights import inbox_of
from runtime.settings import RuntimeSettings
from runtime.tasks import end, run
from runtime.telemetry import set_up_logs, start_metrics, tracer_provider
from runtime.topology import EVENTS, Consumer
from runtime.vigil import keep_vigil

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

__all__ = ["Compose", "Resources", "consumers_of", "open_resources", "run_actor", "serve"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Resources:
    """What the runtime gives an actor to be built with."""

    settings: RuntimeSettings
    bus: Bus
    media: MediaStore
    claims: Claims
    channels: Channels


@dataclass(frozen=True)
class Delivery:
    """A message as a handler gets it."""

    event: Event[Any]
    message: Msg


Compose = Callable[[Resources], AbstractAsyncContextManager[Actor]]


def serve(compose: Compose) -> None:
    """Run the actor until SIGTERM or SIGINT; the process ends with one clear line where it cannot run."""
    with refusals():
        run(_main(compose))


async def _main(compose: Compose) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    async with open_resources(RuntimeSettings()) as resources, compose(resources) as actor:
        set_up_logs(resources.settings, process=actor.name)
        start_metrics(resources.settings)
        await run_actor(actor, resources, stop)


@asynccontextmanager
async def open_resources(settings: RuntimeSettings) -> AsyncIterator[Resources]:
    """The bus, the media store, claims and channels, as the settings say."""
    if settings.nats_url is None:
        raise ConfigurationError(
            "CLIPWIRE_NATS_URL is not set",
            advice="`clipwire up` starts a NATS server and sets it for its actors",
        )
    media = open_media_store(settings.media_location)
    async with open_bus(settings.nats_url, name="clipwire", budget=settings.publish_budget_s) as bus:
        budget = settings.publish_budget_s
        yield Resources(
            settings=settings,
            bus=bus,
            media=media,
            claims=NatsClaims(bus.js, budget=budget),
            channels=NatsChannels(bus.js, budget=budget),
        )


def consumers_of(actor: Actor, settings: RuntimeSettings) -> list[Consumer]:
    """The durable consumers that an actor needs."""
    return [Consumer(actor.name, subject.name, settings.ack_wait_s) for subject in actor.handlers]


async def run_actor(actor: Actor, resources: Resources, stop: asyncio.Event, *, vigil_s: float = 5.0) -> None:
    """Handle messages until `stop` is set, then finish what is being done, for at most `drain_s` seconds.

    `vigil_s`: seconds from one look after the process's own health to the next.
    """
    consumers = consumers_of(actor, resources.settings)
    await resources.bus.provision(consumers)
    provider = tracer_provider(resources.settings, process=actor.name)
    broker = _broker(actor, resources, provider)
    await broker.start()
    waiting = asyncio.create_task(stop.wait())
    vigil = asyncio.create_task(keep_vigil(actor, resources.bus, broker, consumers, every=vigil_s))
    log.info("actor.ready", listens=[consumer.subject for consumer in consumers], slots=actor.slots)
    try:
        await asyncio.wait({waiting, vigil}, return_when=asyncio.FIRST_COMPLETED)
        if vigil.done():
            vigil.result()  # ends the process; the supervisor starts another
    finally:
        await end(waiting, vigil)
        await broker.stop()
        if provider:
            await asyncio.to_thread(provider.shutdown)  # sends the spans that are left
        log.info("actor.stopped")


def _broker(actor: Actor, resources: Resources, provider: TracerProvider | None) -> NatsBroker:
    settings = resources.settings
    desk = Desk(actor.name, resources.bus, settings, Attempts(resources.bus.js))

    def policy(messages: Any, /, *, context: ContextRepo) -> Policy:
        return Policy(messages, context=context, desk=desk)

    around: list[Any] = [policy]
    if provider:
        from faststream.nats.opentelemetry import NatsTelemetryMiddleware

        around.insert(0, NatsTelemetryMiddleware(tracer_provider=provider))
    broker = NatsBroker(
        settings.nats_url or "",
        graceful_timeout=settings.drain_s,
        apply_types=False,  # our decoder validates; theirs would do it again, in a thread per message
        middlewares=around,
        inbox_prefix=inbox_of(settings.nats_url or ""),
        logger=None,
        **CONNECT_OPTIONS,
    )
    for subject, handler in actor.handlers.items():
        consumer = Consumer(actor.name, subject.name, settings.ack_wait_s)
        for _ in range(actor.slots):
            _subscribe(broker, desk, consumer, subject, handler)
    return broker


def _subscribe(
    broker: NatsBroker,
    desk: Desk,
    consumer: Consumer,
    subject: Subject[Any],
    handler: Handler[Any],
) -> None:
    async def parse(batch: list[Msg]) -> NatsBatchMessage:
        (message,) = batch
        return NatsBatchMessage(raw_message=batch, body=message.data, headers=message.headers or {})

    async def decode_event(batch: NatsBatchMessage) -> Delivery:
        (message,) = batch.raw_message
        return Delivery(decode(stored_from(message)), message)

    async def handle(delivery: Delivery) -> None:
        await desk.handle(handler, delivery.event, delivery.message)

    # One message at a time per slot: FastStream would hold further ones without a heartbeat. As a batch of one, because
    # that is handled in the slot's own task; a single message gets a task group of its own.
    register = broker.subscriber(
        subject.name,
        durable=consumer.name,
        stream=JStream(EVENTS, declare=False),
        pull_sub=PullSub(batch_size=1, timeout=1.0, batch=True),
        inbox_prefix=f"{inbox_of(desk.settings.nats_url or '')}.".encode(),
        ack_policy=AckPolicy.MANUAL,
        parser=parse,
        decoder=decode_event,
    )
    register(handle)
