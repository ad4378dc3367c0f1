"""Runs the transcriber: `python -m actors.transcriber`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import gettempdir

from actors.transcriber.actor import build
from actors.transcriber.adapters.recognizers import recognizers
from actors.transcriber.settings import TranscriberSettings
from runtime.actor import Actor
from runtime.serve import Resources, serve


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """Settings to resources to the actor."""
    settings = TranscriberSettings()
    yield build(settings=settings, media=resources.media, recognizers=recognizers(settings, Path(gettempdir())))


if __name__ == "__main__":
    serve(compose)
