"""Watches the folder: new files that have settled are announced by one `discovery.requested`.

What was announced is written down in the media store, so that neither a new start nor another process announces it
again. The id of the request is made from the files it announces: processes that see the same files cause one scan.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from actors.discovery.adapters.folder import Folder
from actors.discovery.core import watch_scan_id
from actors.discovery.ports import Announcer
from actors.discovery.settings import DiscoverySettings
from actors.discovery.store import Batch, Scans
from contracts.events import DiscoveryRequested
from contracts.ids import event_id
from contracts.subjects import DISCOVERY_REQUESTED
from runtime.envelope import new_command
from runtime.errors import ClipwireError
from runtime.tasks import end

__all__ = ["FolderWatch"]

log = structlog.get_logger(__name__)

_MOST = 500  # the largest limit of a discovery

_Seen = frozenset[tuple[str, tuple[tuple[str, int, int], ...]]]


class FolderWatch:
    """Looks into the folder every CLIPWIRE_FOLDER_POLL_S seconds."""

    def __init__(self, folder: Folder, scans: Scans, bus: Announcer, *, settings: DiscoverySettings) -> None:
        self._folder = folder
        self._scans = scans
        self._bus = bus
        self._settings = settings
        self._seen: _Seen = frozenset()
        self._announced: set[str] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch for the length of the block, unless CLIPWIRE_FOLDER_POLL_S is 0."""
        task = asyncio.create_task(self.run()) if self._settings.folder_poll_s else None
        try:
            yield
        finally:
            if task:
                await end(task)

    async def run(self) -> None:
        """Watch until cancelled. Trouble is told once and the folder looked at again: the watch outlives it."""
        trouble = ""
        while True:
            try:
                await self.poll()
                trouble = ""
            except (ClipwireError, OSError) as error:  # a folder, bus or disk that is away
                if str(error) != trouble:
                    trouble = str(error)
                    log.warning("folder.not_watched", folder=str(self._folder.path), reason=trouble)
            except Exception as error:  # a bug must not end the watch unseen: it is logged once, and tried again
                if str(error) != trouble:
                    trouble = str(error)
                    log.exception("folder.watch_failed", folder=str(self._folder.path))
            await asyncio.sleep(self._settings.folder_poll_s)

    async def poll(self) -> list[str]:
        """One look: the scans that it asked for. A file has settled when it is the same as at the look before."""
        listing = await self._folder.look()
        now: _Seen = frozenset((video.candidate_id, video.beside) for video in listing.videos if video.size)
        settled, self._seen = now & self._seen, now
        if self._announced is None:
            await self._remember()
        if not {ident for ident, _ in settled} - (self._announced or set()):
            return []
        await self._remember()  # another process may have been quicker
        fresh = sorted({ident for ident, _ in settled} - (self._announced or set()))
        batches = [tuple(fresh[at : at + _MOST]) for at in range(0, len(fresh), _MOST)]
        return [await self._announce(Batch(scan_id=watch_scan_id(ids), candidate_ids=ids)) for ids in batches]

    async def _remember(self) -> None:
        """Learn what was announced; finish what a killed process had written down but not yet published."""
        batches = await self._scans.batches()
        for batch in batches:
            if not batch.published:
                await self._announce(batch)
        self._announced = {ident for batch in batches for ident in batch.candidate_ids}

    async def _announce(self, batch: Batch) -> str:
        await self._scans.keep_batch(batch)
        request = DiscoveryRequested(
            niche=self._settings.folder_niche,
            sources=("folder",),
            limit=_MOST,
            channel_id=self._settings.folder_channel,
            scan_id=batch.scan_id,
        )
        ident = str(event_id("folder", DISCOVERY_REQUESTED.name, batch.scan_id))
        await self._bus.publish(new_command(DISCOVERY_REQUESTED, request, source="discovery", id=ident))
        await self._scans.keep_batch(batch.model_copy(update={"published": True}))
        return batch.scan_id
