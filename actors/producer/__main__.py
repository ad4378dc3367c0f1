"""Runs the producer: `python -m actors.producer`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.producer.actor import build
from actors.producer.settings import ProducerSettings
from runtime.actor import Actor
from runtime.serve import Resources, serve


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """Settings to resources to the actor."""
    yield build(settings=ProducerSettings(), channels=resources.channels, claims=resources.claims)


if __name__ == "__main__":
    serve(compose)
