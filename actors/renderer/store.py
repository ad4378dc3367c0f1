"""Shorts in the media store: found again for as long as they are what would be made today, or made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from actors.renderer.core import (
    describe,
    expanded,
    field_of_order,
    made_for,
    otio_of,
    plan,
    sources_of,
    span_problem,
    spoken,
    srt,
    vtt,
    with_sources,
)
from actors.renderer.ports import Job, Output, Rendered, Renderer, Report
from contracts.events import RenderRequested
from contracts.keys import analysis_uri, clip_uri, render_prefix, render_uri, transcript_uri
from contracts.media import Clip, MediaRef, Transcript
from contracts.renders import Render, Variant
from contracts.sight import Analysis
from contracts.style import ShapeName
from contracts.timeline import Timeline
from runtime.errors import MediaMissing, Reject, Retry
from runtime.media import Draft, MediaStore

__all__ = ["Shorts"]

D = TypeVar("D", Analysis, Transcript)
T = TypeVar("T")
_AGAIN_S = 30.0
SRT, VTT = "captions.srt", "captions.vtt"
TYPES = {
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "json": "application/json",
    "otio": "application/vnd.opentimelineio+json",
}


class Shorts:
    """Gives the short of an order. `render.json` is written last; where its files are those it names, it is whole."""

    def __init__(self, media: MediaStore, renderer: Renderer) -> None:
        self._media = media
        self._renderer = renderer

    async def of(self, asked: RenderRequested, report: Report) -> Render:
        """The short as clip, words and request are now. Raises `Reject`, `Retry`."""
        clip = await self._clip(asked)
        timeline = await self._timeline(asked, clip)
        inputs = made_for(timeline, await self._checksums(timeline, clip))
        stored = await self._stored(asked.render_id)
        if stored is not None and stored.made_for == inputs and await self._whole(stored):
            present = stored.model_copy(update=_told(asked, clip))
            if present != stored:
                await self._media.write(render_uri(asked.render_id), present)
            return present
        return await self._made(asked, clip, timeline, inputs, report)

    async def _stored(self, render_id: str) -> Render | None:
        uri = render_uri(render_id)
        return await self._media.read(uri, Render) if await self._media.exists(uri) else None

    async def _whole(self, render: Render) -> bool:
        """Whether its files are the ones it names: a killed render may have replaced some, a purge deleted them."""
        for ref in render.files:
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

    async def _timeline(self, asked: RenderRequested, clip: Clip) -> Timeline:
        transcript = await self._document(clip, transcript_uri(clip.clip_id), Transcript, "transcribe")
        analysis = await self._document(clip, analysis_uri(clip.clip_id), Analysis, "analyze")
        try:
            return plan(asked, clip, transcript, analysis)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise Reject(
                f"The order makes no timeline: {place or 'it'}: {first['msg'].removeprefix('Value error, ')}",
                advice="Order another span, or a recipe within what the renderer can make",
                field="recipe",
            ) from error

    async def _checksums(self, timeline: Timeline, clip: Clip) -> dict[str, str]:
        """What is in each file of the timeline. Raises `Reject` where a recipe names one that is not there."""
        found = {}
        for uri in sources_of(timeline):
            if uri == clip.media.uri:
                found[uri] = clip.media.sha256
            elif await self._media.exists(uri):
                found[uri] = (await self._media.describe(uri, "application/octet-stream")).sha256
            else:
                raise Reject(
                    f"The recipe names {uri}, which is not in the media store",
                    advice="Put the file there, or order a recipe without it",
                    field="recipe",
                )
        return found

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

    async def _made(
        self, asked: RenderRequested, clip: Clip, timeline: Timeline, inputs: str, report: Report
    ) -> Render:
        began = time.monotonic()
        folder = render_prefix(asked.render_id)
        async with AsyncExitStack() as stack:
            places = {uri: str(await self._local(clip, uri)) for uri in sources_of(timeline)}
            job = Job(timeline=with_sources(timeline, places))
            drafts = [await self._drafts(stack, folder, shape) for shape in (None, *timeline.shapes)]
            outputs = tuple(
                Output(shape=shape, video=video.path, thumbnail=picture.path)
                for shape, (video, picture) in zip((None, *timeline.shapes), drafts, strict=True)
            )
            rendered = await self._while_it_is(clip, lambda: self._rendered(job, outputs, report))
        files = [(video.ref, picture.ref) for video, picture in drafts]
        first = rendered.made[0]
        render = Render(
            **_told(asked, clip),
            **rendered.model_dump(exclude={"made"}),
            **await self._texts(folder, timeline, clip, rendered.duration),
            render_id=asked.render_id,
            clip_id=asked.clip_id,
            start=asked.start,
            end=_end(asked, clip, timeline, rendered.duration),
            recipe=asked.recipe,
            video=files[0][0],
            thumbnail=files[0][1],
            width=first.width,
            height=first.height,
            quality=first.quality,
            variants=tuple(
                Variant(**made.model_dump(), video=video, thumbnail=picture)
                for made, (video, picture) in zip(rendered.made[1:], files[1:], strict=True)
            ),
            seconds_spent=time.monotonic() - began,
            made_for=inputs,
        )
        await self._media.write(render_uri(asked.render_id), render)
        await self._tidied(folder, render)
        return render

    async def _rendered(self, job: Job, outputs: tuple[Output, ...], report: Report) -> Rendered:
        try:
            return await self._renderer.render(job, outputs=outputs, report=report)
        except Reject as error:
            raise Reject(error.what, advice=error.advice, field=field_of_order(error.field)) from error

    async def _local(self, clip: Clip, uri: str) -> Path:
        if uri == clip.media.uri:
            return await self._while_it_is(clip, lambda: self._media.local(uri))
        return await self._media.local(uri)

    async def _drafts(self, stack: AsyncExitStack, folder: str, shape: ShapeName | None) -> tuple[Draft, Draft]:
        name = f".{shape.replace(':', 'x')}" if shape else ""
        video = await stack.enter_async_context(self._media.writing(f"{folder}/video{name}.mp4", "video/mp4"))
        picture = await stack.enter_async_context(self._media.writing(f"{folder}/thumbnail{name}.jpg", "image/jpeg"))
        return video, picture

    async def _texts(self, folder: str, timeline: Timeline, clip: Clip, duration: float) -> dict[str, MediaRef | None]:
        """What lies beside the video: soft captions where something is said, and what it was made from."""
        words = spoken(expanded(timeline).captions.words, 0.0, duration)
        origin = {uri: clip.source_url if uri == clip.media.uri else uri for uri in sources_of(timeline)}
        return {
            "captions": await self._text(f"{folder}/{SRT}", srt(words, duration)) if words else None,
            "captions_vtt": await self._text(f"{folder}/{VTT}", vtt(words, duration)) if words else None,
            "timeline": await self._text(f"{folder}/timeline.json", timeline.model_dump_json(indent=1)),
            "otio": await self._text(
                f"{folder}/timeline.otio", otio_of(timeline, clip.title, origin, {clip.media.uri: clip.duration})
            ),
        }

    async def _text(self, uri: str, text: str) -> MediaRef:
        async with self._media.writing(uri, TYPES[uri.rpartition(".")[2]]) as draft:
            await asyncio.to_thread(draft.path.write_text, text, encoding="utf-8")
        return draft.ref

    async def _tidied(self, folder: str, render: Render) -> None:
        """Delete what an older short of this name had and this one has not."""
        if render.captions is None:
            await self._media.delete(f"{folder}/{SRT}")
        if render.captions_vtt is None:
            await self._media.delete(f"{folder}/{VTT}")


def _end(asked: RenderRequested, clip: Clip, timeline: Timeline, duration: float) -> float:
    """Where the short ends in the clip: as ordered, but for a source that broke off before."""
    missing = timeline.duration - duration
    return min(asked.end, clip.duration) if missing < 1 / timeline.canvas.fps else asked.start + duration


def _told(asked: RenderRequested, clip: Clip) -> dict[str, object]:
    """What clip and request say about the short; it may change without another picture."""
    return {
        "title": asked.title or clip.title,
        "description": describe(clip),
        "tags": clip.candidate.tags,
        "rights": clip.candidate.rights,
    }
