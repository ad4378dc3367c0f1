"""Runs the publisher: `python -m actors.publisher`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.publisher.actor import build
from actors.publisher.adapters import open_platforms
from actors.publisher.settings import PublisherSettings
from runtime.actor import Actor
from runtime.serve import Resources, serve


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """Settings to resources to the actor."""
    settings = PublisherSettings()
    platforms = open_platforms(settings, home=resources.settings.home, media=resources.media)
    yield build(settings=settings, media=resources.media, claims=resources.claims, platforms=platforms)


if __name__ == "__main__":
    serve(compose)
