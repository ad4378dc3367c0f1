"""Structured logs, Prometheus metrics and traces of one process."""

from __future__ import annotations

import logging
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from opentelemetry import propagate
from opentelemetry.trace import get_current_span
from prometheus_client import Counter, Gauge, Histogram, start_http_server

from runtime.settings import RuntimeSettings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

__all__ = [
    "current_traceparent",
    "meters",
    "set_up_logs",
    "start_metrics",
    "tracer_provider",
]

HANDLED = Counter("clipwire_messages_total", "Messages handled, by how they ended", ["actor", "subject", "outcome"])
IN_FLIGHT = Gauge("clipwire_messages_in_flight", "Messages being handled now", ["actor", "subject"])
SECONDS = Histogram(
    "clipwire_handle_seconds",
    "Seconds from receipt to acknowledgement",
    ["actor", "subject"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800),
)


class Meters:
    """What is counted for one actor and subject: looked up once, as a look-up costs more than a count."""

    def __init__(self, actor: str, subject: str) -> None:
        self._labels = (actor, subject)
        self._handled: dict[str, Counter] = {}
        self.in_flight = IN_FLIGHT.labels(actor, subject)
        self.seconds = SECONDS.labels(actor, subject)

    def handled(self, outcome: str) -> Counter:
        """The counter of messages that ended like this."""
        if outcome not in self._handled:
            self._handled[outcome] = HANDLED.labels(*self._labels, outcome)
        return self._handled[outcome]


@cache
def meters(actor: str, subject: str) -> Meters:
    """The meters of one actor and subject."""
    return Meters(actor, subject)


def set_up_logs(settings: RuntimeSettings, *, process: str) -> None:
    """One line per event on stderr: JSON, or coloured text on a terminal; the standard library's logs too."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if not console else structlog.processors.StackInfoRenderer(),
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.INFO))
    for chatty in ("httpx", "httpcore", "nats", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
    structlog.contextvars.bind_contextvars(process=process)


def start_metrics(settings: RuntimeSettings) -> None:
    """This process's own Prometheus page, if a port is set for it."""
    if settings.metrics_port is not None:
        start_http_server(settings.metrics_port, addr="127.0.0.1")


def tracer_provider(settings: RuntimeSettings, *, process: str) -> TracerProvider | None:
    """Traces to the OTLP endpoint, if one is set."""
    if settings.otel_endpoint is None:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"clipwire-{process}"}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.otel_endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def current_traceparent() -> str | None:
    """The W3C traceparent of the span that is open here, if traces are on."""
    if not get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")
