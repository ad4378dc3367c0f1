"""Runs the ranker: `python -m actors.ranker`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.ranker.actor import build
from actors.ranker.settings import RankerSettings
from runtime.actor import Actor
from runtime.serve import Resources, serve


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """Settings to resources to the actor."""
    yield build(settings=RankerSettings())


if __name__ == "__main__":
    serve(compose)
