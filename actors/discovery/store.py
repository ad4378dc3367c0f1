"""What discovery remembers, as documents in the media store: finished scans, and which files it has announced."""

from __future__ import annotations

from contracts.base import CandidateId, Contract
from contracts.keys import scan_uri
from contracts.media import Candidate
from contracts.work import SourceReport
from runtime.media import MediaStore

__all__ = ["Batch", "Scan", "Scans"]

_BATCHES = "media://discovery/inbox"


class Scan(Contract):
    """What the sources answered to one request, written down before any of it is emitted."""

    scan_id: str
    candidates: tuple[Candidate, ...]
    sources: tuple[SourceReport, ...]


class Batch(Contract):
    """New files of the watched folder that one `discovery.requested` announces. `published`: it is on the stream."""

    scan_id: str
    candidate_ids: tuple[CandidateId, ...]
    published: bool = False


class Scans:
    """The documents by their names."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media

    async def recall(self, event_id: str) -> Scan | None:
        """What was found for this request, if an earlier delivery got as far as that."""
        uri = scan_uri(event_id)
        return await self._media.read(uri, Scan) if await self._media.exists(uri) else None

    async def keep(self, event_id: str, scan: Scan) -> Scan:
        """Write down what was found, so that a second delivery asks nobody again and emits the same."""
        await self._media.write(scan_uri(event_id), scan)
        return scan

    async def batch(self, scan_id: str) -> Batch | None:
        """The announced files that this scan is about, if it is one of the watched folder's own."""
        uri = f"{_BATCHES}/{scan_id}.json"
        return await self._media.read(uri, Batch) if await self._media.exists(uri) else None

    async def batches(self) -> list[Batch]:
        """Everything that was ever announced."""
        return [await self._media.read(uri, Batch) for uri in await self._media.list(_BATCHES)]

    async def keep_batch(self, batch: Batch) -> None:
        """Write down a batch, before and after it is published."""
        await self._media.write(f"{_BATCHES}/{batch.scan_id}.json", batch)
