"""Shorts in the media store: found again for as long as they are what would be made today, or made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from actors.renderer.core import describe, made_for, span_problem, spoken, srt, words_within
from actors.renderer.ports import Job, Rendered, Renderer, Report
from contracts.events import RenderRequested
from contracts.keys import analysis_uri, clip_uri, render_prefix, render_uri, transcript_uri
from contracts.media import Analysis, Clip, MediaRef, Render, Transcript
from runtime.errors import MediaMissing, Reject, Retry
from runtime.media import MediaStore

__all__ = ["Shorts"]

D = TypeVar("D", Analysis, Transcript)
T = TypeVar("T")
_AGAIN_S = 30.0


class Shorts:
    """Gives the short of an order. `render.json` is written last; where its files are those it names, it is whole."""

    def __init__(self, media: MediaStore, renderer: Renderer) -> None:
        self._media = media
        self._renderer = renderer

    async def of(self, asked: RenderRequested, report: Report) -> Render:
        """The short as clip, words and request are now. Raises `Reject`, `Retry`."""
        clip = await self._clip(asked)
        job = await self._job(asked, clip)
        inputs = made_for(clip.media.sha256, job.words, job.framing)
        stored = await self._stored(asked.render_id)
        if stored is not None and stored.made_for == inputs and await self._whole(stored):
            present = stored.model_copy(update=_told(asked, clip))
            if present != stored:
                await self._media.write(render_uri(asked.render_id), present)
            return present
        return await self._made(asked, clip, job, inputs, report)

    async def _stored(self, render_id: str) -> Render | None:
        uri = render_uri(render_id)
        return await self._media.read(uri, Render) if await self._media.exists(uri) else None

    async def _whole(self, render: Render) -> bool:
        """Whether its files are the ones it names: a killed render may have replaced some, a purge deleted them."""
        for ref in (render.video, render.thumbnail, render.captions):
            if ref is None:
                continue
            if not await self._media.exists(ref.uri) or await self._media.describe(ref.uri, ref.content_type) != ref:
                return False
        return True

    async def _clip(self, asked: RenderRequested) -> Clip:
        try:
            clip = await self._media.read(clip_uri(asked.clip_id), Clip)
        except MediaMissing as error:
            raise Reject(
                f"There is no clip {asked.clip_id!r}",
                advice="Approve its candidate first, and order the render once `clip.downloaded` is there",
                field="clip_id",
            ) from error
        if problem := span_problem(asked.start, asked.end, clip.duration):
            field, what = problem
            raise Reject(what, advice="Order a span that lies within the clip", field=field)
        return clip

    async def _job(self, asked: RenderRequested, clip: Clip) -> Job:
        transcript = await self._document(clip, transcript_uri(clip.clip_id), Transcript, "transcribe")
        analysis = await self._document(clip, analysis_uri(clip.clip_id), Analysis, "analyze")
        follows = asked.recipe.framing == "auto" and analysis is not None
        return Job(
            source=await self._while_it_is(clip, lambda: self._media.local(clip.media.uri)),
            start=asked.start,
            end=min(asked.end, clip.duration),
            recipe=asked.recipe,
            framing=analysis.framing if follows and analysis else None,
            words=words_within(transcript, asked.start, asked.end) if transcript else (),
        )

    async def _document(self, clip: Clip, uri: str, model: type[D], stage: str) -> D | None:
        """What an earlier stage wrote about this very film; what it wrote about the one before is waited out."""
        if not await self._media.exists(uri):
            return None
        document = await self._media.read(uri, model)
        if document.media_sha256 not in {None, clip.media.sha256}:
            raise Retry(
                f"The {model.__name__.lower()} of {clip.clip_id} is that of the film that was there before",
                after=_AGAIN_S,
                advice=f"A new one is made when the new film is through; else drive the clip again from `{stage}`",
            )
        return document

    async def _while_it_is(self, clip: Clip, work: Callable[[], Awaitable[T]]) -> T:
        """The result of `work` on the clip's film; raises `Retry` where another film has taken its place meanwhile."""
        try:
            result = await work()
        except Reject as error:
            await self._check_present(clip, error)
            raise
        await self._check_present(clip, None)
        return result

    async def _check_present(self, clip: Clip, error: Reject | None) -> None:
        uri = clip_uri(clip.clip_id)
        now = await self._media.read(uri, Clip) if await self._media.exists(uri) else clip
        if now.media != clip.media:
            raise Retry(
                f"The film of {clip.clip_id} was replaced while it was rendered",
                after=_AGAIN_S,
                advice="The next attempt makes it of the new film; order its span again if there is none",
            ) from error

    async def _made(self, asked: RenderRequested, clip: Clip, job: Job, inputs: str, report: Report) -> Render:
        began = time.monotonic()
        folder = render_prefix(asked.render_id)
        async with (
            self._media.writing(f"{folder}/video.mp4", "video/mp4") as video,
            self._media.writing(f"{folder}/thumbnail.jpg", "image/jpeg") as thumbnail,
        ):
            paths = {"video": video.path, "thumbnail": thumbnail.path}
            rendered = await self._while_it_is(clip, lambda: self._renderer.render(job, **paths, report=report))
        captions = await self._captions(f"{folder}/captions.srt", job, rendered)
        render = Render(
            **rendered.model_dump(),
            **_told(asked, clip),
            render_id=asked.render_id,
            clip_id=asked.clip_id,
            start=asked.start,
            end=asked.start + rendered.duration,
            recipe=asked.recipe,
            video=video.ref,
            thumbnail=thumbnail.ref,
            captions=captions,
            seconds_spent=time.monotonic() - began,
            made_for=inputs,
        )
        await self._media.write(render_uri(asked.render_id), render)
        if captions is None:  # those of a short that stood here before
            await self._media.delete(f"{folder}/captions.srt")
        return render

    async def _captions(self, uri: str, job: Job, rendered: Rendered) -> MediaRef | None:
        words = spoken(job.words, job.start, rendered.duration)
        if not words:
            return None
        async with self._media.writing(uri, "application/x-subrip") as draft:
            await asyncio.to_thread(draft.path.write_text, srt(words, rendered.duration), encoding="utf-8")
        return draft.ref


def _told(asked: RenderRequested, clip: Clip) -> dict[str, object]:
    """What clip and request say about the short; it may change without another picture."""
    return {
        "title": asked.title or clip.title,
        "description": describe(clip),
        "tags": clip.candidate.tags,
        "rights": clip.candidate.rights,
    }
