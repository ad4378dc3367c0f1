"""candidate.approved -> clip.downloaded"""

from __future__ import annotations

from pathlib import Path

from actors.downloader.core import refused_recipe
from actors.downloader.ports import Fetcher, Unreachable
from actors.downloader.settings import DownloaderSettings
from actors.downloader.store import Clips
from contracts.events import CandidateApproved, ClipDownloaded
from contracts.subjects import CANDIDATE_APPROVED, CLIP_DOWNLOADED
from contracts.work import Channel
from runtime.actor import Actor, Work
from runtime.channels import Channels
from runtime.errors import Reject
from runtime.media import MediaStore

__all__ = ["build"]

_TRIES = 2


def build(
    *, settings: DownloaderSettings, media: MediaStore, fetcher: Fetcher, scratch: Path, channels: Channels
) -> Actor:
    """The downloader. `scratch`: folder for downloads under way; `fetcher`: gets and examines videos."""
    actor = Actor("downloader", slots=settings.downloader_slots)
    clips = Clips(media, fetcher, scratch)

    @actor.listen(CANDIDATE_APPROVED)
    async def on_candidate_approved(approved: CandidateApproved, work: Work) -> None:
        async def tell(done: float | None, note: str, eta_s: float | None) -> None:
            await work.progress(done, note, eta_s=eta_s)

        _check_recipe(approved, await channels.get(approved.channel_id))
        try:
            clip = await clips.clip_of(approved, tell)
        except Unreachable as error:
            _check_tries(work.attempt, approved.approved_by, error)
            raise
        await work.emit(CLIP_DOWNLOADED, ClipDownloaded(clip=clip, order=approved.order))

    return actor


def _check_recipe(approved: CandidateApproved, channel: Channel) -> None:
    """Raises `Reject` before hours of work whose result nobody could render."""
    refusal = refused_recipe(approved.recipe or channel.recipe, channel)
    if refusal is not None:
        raise Reject(refusal.what, advice=refusal.advice, field="recipe" if approved.recipe else "channel_id")


def _check_tries(attempt: int, approved_by: str, error: Unreachable) -> None:
    """Raises `Reject` where a person waits: an address where nothing answers twice is a wrong one most of the time."""
    if attempt >= _TRIES and not approved_by.startswith("rule:"):
        raise Reject(error.what, advice=error.advice, field=error.field) from error
