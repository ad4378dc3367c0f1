"""render.requested -> render.done"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from actors.renderer.core import SpokenWord, describe, span_problem, spoken, srt, words_within
from actors.renderer.ports import Job, Rendered, Renderer
from actors.renderer.settings import RendererSettings
from contracts.events import RenderDone, RenderRequested
from contracts.keys import analysis_uri, clip_uri, render_prefix, render_uri, transcript_uri
from contracts.media import Analysis, Clip, MediaRef, Render, Transcript
from contracts.subjects import RENDER_DONE, RENDER_REQUESTED
from runtime.actor import Actor, Work
from runtime.errors import MediaMissing, Reject
from runtime.media import MediaStore

__all__ = ["build"]

M = TypeVar("M", bound=BaseModel)


def build(*, settings: RendererSettings, media: MediaStore, renderer: Renderer) -> Actor:
    """The renderer: orders from the bus, documents and files from the media store, the work behind a port."""
    actor = Actor("renderer", slots=settings.renderer_slots)

    @actor.listen(RENDER_REQUESTED)
    async def on_render_requested(asked: RenderRequested, work: Work) -> None:
        render = await _finished(media, asked.render_id)
        if render is None:
            render = await _make(asked, work, media, renderer)
        await work.emit(RENDER_DONE, RenderDone(render=render, channel_id=asked.channel_id))

    return actor


async def _finished(media: MediaStore, render_id: str) -> Render | None:
    """The render, if it is whole: its document is written last."""
    uri = render_uri(render_id)
    return await media.read(uri, Render) if await media.exists(uri) else None


async def _make(asked: RenderRequested, work: Work, media: MediaStore, renderer: Renderer) -> Render:
    clip = await _clip(media, asked)
    transcript = await _document(media, transcript_uri(asked.clip_id), Transcript)
    analysis = await _document(media, analysis_uri(asked.clip_id), Analysis)
    job = Job(
        source=await media.local(clip.media.uri),
        start=asked.start,
        end=min(asked.end, clip.duration),
        recipe=asked.recipe,
        framing=analysis.framing if analysis else None,
        words=words_within(transcript, asked.start, asked.end) if transcript else (),
    )

    async def report(done: float, eta_s: float | None) -> None:
        await work.progress(done, "rendering", eta_s=eta_s)

    began = time.monotonic()
    folder = render_prefix(asked.render_id)
    async with (
        media.writing(f"{folder}/video.mp4", "video/mp4") as video,
        media.writing(f"{folder}/thumbnail.jpg", "image/jpeg") as thumbnail,
    ):
        rendered = await renderer.render(job, video=video.path, thumbnail=thumbnail.path, report=report)
    words = spoken(job.words, job.start, rendered.duration)
    captions = await _captions(media, f"{folder}/captions.srt", words, rendered.duration) if words else None
    files = (video.ref, thumbnail.ref, captions)
    render = _described(asked, clip, rendered, files, seconds_spent=time.monotonic() - began)
    await media.write(render_uri(asked.render_id), render)
    return render


async def _clip(media: MediaStore, asked: RenderRequested) -> Clip:
    try:
        clip = await media.read(clip_uri(asked.clip_id), Clip)
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


async def _document(media: MediaStore, uri: str, model: type[M]) -> M | None:
    return await media.read(uri, model) if await media.exists(uri) else None


async def _captions(media: MediaStore, uri: str, words: Sequence[SpokenWord], duration: float) -> MediaRef:
    async with media.writing(uri, "application/x-subrip") as draft:
        draft.path.write_text(srt(words, duration), encoding="utf-8")
    return draft.ref


def _described(
    asked: RenderRequested,
    clip: Clip,
    rendered: Rendered,
    files: tuple[MediaRef, MediaRef, MediaRef | None],
    *,
    seconds_spent: float,
) -> Render:
    video, thumbnail, captions = files
    return Render(
        **rendered.model_dump(),
        render_id=asked.render_id,
        clip_id=asked.clip_id,
        start=asked.start,
        end=asked.start + rendered.duration,
        recipe=asked.recipe,
        title=asked.title or clip.title,
        description=describe(clip),
        tags=clip.candidate.tags,
        video=video,
        thumbnail=thumbnail,
        captions=captions,
        seconds_spent=seconds_spent,
        rights=clip.candidate.rights,
    )
