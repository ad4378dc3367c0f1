"""Runs the downloader: `python -m actors.downloader`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.downloader.actor import build
from actors.downloader.adapters.fetching import RealFetcher
from actors.downloader.settings import DownloaderSettings
from actors.downloader.store import SCRATCH
from runtime.actor import Actor
from runtime.files import sweep_folders
from runtime.serve import Resources, serve


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """Settings to resources to the actor."""
    settings = DownloaderSettings()
    scratch = settings.downloader_scratch or resources.settings.home / "scratch"
    await asyncio.to_thread(sweep_folders, scratch, SCRATCH)
    yield build(
        settings=settings,
        media=resources.media,
        fetcher=RealFetcher(settings),
        scratch=scratch,
        channels=resources.channels,
    )


if __name__ == "__main__":
    serve(compose)
