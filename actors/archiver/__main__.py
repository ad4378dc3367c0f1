"""Runs the archiver: `python -m actors.archiver`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.archiver.actor import build
from actors.archiver.settings import ArchiverSettings
from runtime.actor import Actor
from runtime.serve import Resources, serve


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """Settings to resources to the actor."""
    yield build(settings=ArchiverSettings(), media=resources.media)


if __name__ == "__main__":
    serve(compose)
