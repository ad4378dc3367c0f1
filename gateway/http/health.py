"""Whether the engine lives, whether it is ready, and its figures for Prometheus."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from gateway.http.context import Context, TheContext
from gateway.http.who import needs
from gateway.projection.database import DatabaseErrors
from runtime.bus import ConsumerState
from runtime.errors import Retry

__all__ = ["Health", "router"]

router = APIRouter(tags=["health"])
Count = Callable[[str], Awaitable[list[dict[str, Any]]]]
_ANSWER_S = 3.0
_LOOKS = 3
_BETWEEN_S = 0.4
# Up to here a projection counts as keeping up: two batches of the default size.
_MAX_LAG = 2000


class Health(BaseModel):
    """Whether work sent now would be done, and if not, what is missing."""

    ready: bool
    missing: list[str]
    consumers: int
    last_sequence: int | None = None
    projected_sequence: int | None = None
    projection: str


@router.get("/health/live", dependencies=[needs("health:read")])
async def live() -> dict[str, bool]:
    """This process answers."""
    return {"live": True}


@router.get(
    "/health/ready",
    response_model=Health,
    responses={503: {"model": Health}},
    dependencies=[needs("health:read")],
)
async def ready(context: TheContext) -> Response:
    """Every actor is there and takes its messages, the database answers, the projection keeps up; else 503.

    `missing` says what is not. Between two requests a consumer is unbound for a moment: so it is looked at up to three
    times before anything is missing.
    """
    deadline = time.monotonic() + _LOOKS * _BETWEEN_S
    health = await look(context)
    for _ in range(_LOOKS - 1):
        if health.ready or time.monotonic() > deadline:
            break
        await asyncio.sleep(_BETWEEN_S)
        health = await look(context)
    return JSONResponse(health.model_dump(mode="json"), 200 if health.ready else 503)


async def look(context: Context) -> Health:
    """See `ready`."""
    missing: list[str] = []
    last, consumers, place = await asyncio.gather(
        _within(_last(context), "the NATS server", missing),
        _within(context.bus.consumers(), "the NATS server's list of consumers", missing),
        _within(context.reads.checkpoint(), "the database", missing),
    )
    if consumers is not None:
        missing += [f"nobody is bound to {state.subject} for {state.actor}" for state in consumers if not state.bound]
        there = {state.actor for state in consumers}
        missing += [f"the actor {name} has never run here" for name in sorted(context.actors - there)]
    status = context.projector.status if context.projector else None
    if status is None or status.state not in {"running", "standby"}:
        state = status.state if status else "absent"
        missing.append(f"the projection is {state}" + (f" ({status.error})" if status and status.error else ""))
    if last is not None and place is not None and last - place > _MAX_LAG:
        missing.append(f"the projection is {last - place} events behind")
    return Health(
        ready=not missing,
        missing=missing,
        consumers=len(consumers or []),
        last_sequence=last,
        projected_sequence=place,
        projection=status.state if status else "absent",
    )


async def _last(context: Context) -> int:
    return (await context.bus.stream_state()).last


async def _within(asked: Awaitable[Any], what: str, missing: list[str]) -> Any:
    """The answer, or None and a line in `missing`."""
    try:
        async with asyncio.timeout(_ANSWER_S):
            return await asked
    except (*DatabaseErrors, Retry) as error:
        missing.append(f"{what} does not answer ({type(error).__name__})")
        return None


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
    dependencies=[needs("metrics:read")],
)
async def metrics(context: TheContext) -> Response:
    """Figures in Prometheus' text format, read from the stream and the read models when asked."""
    registry = CollectorRegistry()
    missing: list[str] = []
    reads, webhooks = context.reads, context.hooks.webhooks
    tables: tuple[tuple[str, str, Count, str, tuple[str, ...]], ...] = (
        ("clipwire_events_stored", "Events in the read models", reads.counts, "totals", ("subject", "malformed")),
        ("clipwire_failures", "Work that failed", reads.counts, "failure_totals", ("stage", "kind")),
        ("clipwire_renders", "Renders", reads.counts, "render_totals", ("state",)),
        ("clipwire_publications", "Publications", reads.counts, "publication_totals", ("state",)),
        ("clipwire_webhooks", "Webhooks", webhooks.totals, "webhook_totals", ("state",)),
        ("clipwire_webhook_deliveries", "Events not arrived", webhooks.totals, "delivery_totals", ("state",)),
        ("clipwire_webhook_attempts", "Attempts of webhooks", webhooks.totals, "attempt_totals", ("outcome",)),
    )
    for name, help_text, count, query, labels in tables:
        gauge = Gauge(name, help_text, labels, registry=registry)
        for row in await _within(count(query), "the database", missing) or []:
            gauge.labels(*(str(row[label]).lower() for label in labels)).set(row["count"])
    _consumers(registry, await _within(context.bus.consumers(), "consumers", missing) or [])
    last = await _within(_last(context), "the NATS server", missing)
    place = await _within(reads.checkpoint(), "the database", missing)
    if last is not None:
        Gauge("clipwire_stream_last_sequence", "Last sequence of the stream", registry=registry).set(last)
        if place is not None:
            Gauge("clipwire_projection_lag", "Events not yet in the read models", registry=registry).set(
                max(0, last - place)
            )
    running = context.projector is not None and context.projector.status.state in {"running", "standby"}
    Gauge("clipwire_projection_up", "Whether the projection lives", registry=registry).set(running)
    Gauge("clipwire_scrape_gaps", "Sources that did not answer this scrape", registry=registry).set(len(missing))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _consumers(registry: CollectorRegistry, states: list[ConsumerState]) -> None:
    labels = ("actor", "subject")
    bound = Gauge("clipwire_consumer_bound", "Whether a process takes its messages", labels, registry=registry)
    pending = Gauge("clipwire_consumer_pending", "Messages that wait", labels, registry=registry)
    in_flight = Gauge("clipwire_consumer_in_flight", "Messages being handled", labels, registry=registry)
    redelivered = Gauge("clipwire_consumer_redelivered", "Messages in flight again", labels, registry=registry)
    for state in states:
        who = (state.actor, state.subject)
        bound.labels(*who).set(state.bound)
        pending.labels(*who).set(state.pending)
        in_flight.labels(*who).set(state.in_flight)
        redelivered.labels(*who).set(state.redelivered)
