"""candidate.approved -> clip.downloaded"""

from __future__ import annotations

from pathlib import Path

from actors.downloader.adapters.scratch import Scratch
from actors.downloader.ports import Fetcher
from actors.downloader.settings import DownloaderSettings
from actors.downloader.store import Clips
from contracts.events import CandidateApproved, ClipDownloaded
from contracts.subjects import CANDIDATE_APPROVED, CLIP_DOWNLOADED
from runtime.actor import Actor, Work
from runtime.media import MediaStore

__all__ = ["build"]


def build(*, settings: DownloaderSettings, media: MediaStore, fetcher: Fetcher, scratch: Path) -> Actor:
    """The downloader. `scratch`: folder for downloads under way; `fetcher`: gets and examines videos."""
    actor = Actor("downloader", slots=settings.downloader_slots)
    clips = Clips(media, fetcher, Scratch(scratch))

    @actor.listen(CANDIDATE_APPROVED)
    async def on_candidate_approved(approved: CandidateApproved, work: Work) -> None:
        async def tell(done: float | None, note: str, eta_s: float | None) -> None:
            await work.progress(done, note, eta_s=eta_s)

        clip = await clips.clip_of(approved, tell)
        await work.emit(CLIP_DOWNLOADED, ClipDownloaded(clip=clip, order=approved.order))

    return actor
