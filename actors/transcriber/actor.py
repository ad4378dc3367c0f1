"""clip.downloaded -> clip.transcribed"""

from __future__ import annotations

from collections.abc import Sequence

from actors.transcriber.adapters.languages import Languages, languages_of
from actors.transcriber.adapters.sounding import Soundings
from actors.transcriber.ports import Recognizer
from actors.transcriber.settings import TranscriberSettings
from actors.transcriber.store import Transcripts
from contracts.events import ClipDownloaded, ClipTranscribed
from contracts.subjects import CLIP_DOWNLOADED, CLIP_TRANSCRIBED
from runtime.actor import Actor, Work
from runtime.media import MediaStore

__all__ = ["build"]


def build(
    *,
    settings: TranscriberSettings,
    media: MediaStore,
    recognizers: Sequence[Recognizer],
    languages: Languages = languages_of,
) -> Actor:
    """The transcriber. `recognizers`: those that the order of the settings names, in any order."""
    actor = Actor("transcriber", slots=settings.transcriber_slots)
    transcripts = Transcripts(
        media,
        Soundings(settings),
        recognizers,
        languages=languages,
        order=settings.order,
        max_caption_bytes=settings.transcriber_max_caption_bytes,
    )

    @actor.listen(CLIP_DOWNLOADED)
    async def on_clip_downloaded(downloaded: ClipDownloaded, work: Work) -> None:
        async def tell(done: float | None, note: str, eta_s: float | None) -> None:
            await work.progress(done, note, eta_s=eta_s)

        clip = await transcripts.present(downloaded.clip)
        transcript, reason = await transcripts.of(clip, tell)
        said = ClipTranscribed(clip=clip, order=downloaded.order, transcript=transcript, reason=reason)
        await work.emit(CLIP_TRANSCRIBED, said)

    return actor
