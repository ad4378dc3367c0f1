"""Runs the vlm actor: `python -m actors.vlm`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.vlm.actor import build
from actors.vlm.adapters.judging.judge import open_judge
from actors.vlm.adapters.local import LocalAnalyzer
from actors.vlm.settings import VlmSettings
from runtime.actor import Actor
from runtime.serve import Resources, serve


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """Settings to resources to the actor."""
    settings = VlmSettings()
    async with open_judge(settings, resources.media, resources.claims, resources.channels) as judge:
        yield build(settings=settings, media=resources.media, analyzer=LocalAnalyzer(settings), judge=judge)


if __name__ == "__main__":
    serve(compose)
