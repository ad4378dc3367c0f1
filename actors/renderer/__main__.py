"""Runs the renderer: `python -m actors.renderer`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.renderer.actor import build
from actors.renderer.adapters.child import ChildRenderer
from actors.renderer.settings import RendererSettings
from runtime.actor import Actor
from runtime.serve import Resources, serve


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """Settings to resources to the actor."""
    settings = RendererSettings()
    yield build(settings=settings, media=resources.media, renderer=ChildRenderer(settings))


if __name__ == "__main__":
    serve(compose)
