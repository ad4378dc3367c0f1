"""Runs discovery: `python -m actors.discovery`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.discovery.actor import build
from actors.discovery.adapters import Parts, open_folder, open_sources
from actors.discovery.adapters.http import open_client
from actors.discovery.adapters.watch import FolderWatch
from actors.discovery.settings import DiscoverySettings
from actors.discovery.store import Scans
from runtime.actor import Actor
from runtime.serve import Resources, serve


@asynccontextmanager
async def compose(resources: Resources) -> AsyncIterator[Actor]:
    """Settings to resources to the actor, with the folder watched beside it."""
    own = DiscoverySettings()
    async with open_client(patience_s=own.discovery_source_timeout_s) as client:
        parts = Parts(own, client, resources.settings.home)
        watch = FolderWatch(open_folder(parts), Scans(resources.media), resources.bus, settings=own)
        async with watch.running():
            yield build(settings=own, sources=open_sources(parts), channels=resources.channels, media=resources.media)


if __name__ == "__main__":
    serve(compose)
