"""render.done, publish.done -> media.archived"""

from __future__ import annotations

from importlib.metadata import version

from pydantic import ValidationError

from actors.archiver.core import (
    Manifest,
    difference,
    manifest_of_publication,
    manifest_of_render,
    manifest_uri,
    moved,
    outdated,
    same_work,
)
from actors.archiver.settings import ArchiverSettings
from contracts.events import MediaArchived, PublishDone, RenderDone
from contracts.keys import clip_uri, render_uri
from contracts.media import Clip
from contracts.renders import Render
from contracts.subjects import MEDIA_ARCHIVED, PUBLISH_DONE, RENDER_DONE
from runtime.actor import Actor, Work
from runtime.errors import Reject
from runtime.media import MediaStore

__all__ = ["build"]


def build(*, settings: ArchiverSettings, media: MediaStore) -> Actor:
    """The archiver: reads what was made again, and writes down what it found."""
    actor = Actor("archiver", slots=settings.archiver_slots)
    software = f"clipwire/{version('clipwire')}"

    @actor.listen(RENDER_DONE)
    async def on_render_done(done: RenderDone, work: Work) -> None:
        if await _made_anew(media, done.render):
            return  # that short has a render.done of its own
        clip = await _clip(media, done.render)
        await _archive(media, work, manifest_of_render(done.render, clip, software=software))

    @actor.listen(PUBLISH_DONE)
    async def on_publish_done(done: PublishDone, work: Work) -> None:
        said_at = work.event.time
        kept = await _there(media, manifest_uri("publication", done.key))
        manifest = moved(kept, done.publication, said_at=said_at) if kept is not None else None
        if manifest is not None:
            # Its files are those that went out, whatever became of the short since: made anew, or deleted.
            await _write(media, manifest)
            await _say(media, work, manifest)
            return
        render = await media.read(render_uri(done.publication.render_id), Render)
        clip = await _clip(media, render)
        manifest = manifest_of_publication(done.publication, render, clip, said_at=said_at, software=software)
        await _archive(media, work, manifest)

    return actor


async def _made_anew(media: MediaStore, render: Render) -> bool:
    """Whether the store has another version of the short by now. Its files have the same keys."""
    uri = render_uri(render.render_id)
    return await media.exists(uri) and await media.read(uri, Render) != render


async def _clip(media: MediaStore, render: Render) -> Clip | None:
    uri = clip_uri(render.clip_id)
    return await media.read(uri, Clip) if await media.exists(uri) else None


async def _archive(media: MediaStore, work: Work, manifest: Manifest) -> None:
    """Verify every file, write the manifest, say where it is. Raises `Reject` for a file that is not what it was."""
    for file in manifest.files:
        wrong = difference(file, await media.describe(file.uri, file.content_type))
        if wrong:
            raise Reject(wrong, advice=f"It was changed or damaged: render {manifest.render_id} again")
    await _write(media, manifest)
    await _say(media, work, manifest)


async def _say(media: MediaStore, work: Work, manifest: Manifest) -> None:
    archived = MediaArchived(
        about=manifest.about,
        id=manifest.id,
        manifest=await media.describe(manifest_uri(manifest.about, manifest.id), "application/json"),
        files=manifest.files,
        archived_at=work.event.time,
    )
    await work.emit(MEDIA_ARCHIVED, archived)


async def _write(media: MediaStore, manifest: Manifest) -> None:
    """Store the manifest. One of the same work, or of what was said later, stays as it is: its checksum was told."""
    uri = manifest_uri(manifest.about, manifest.id)
    there = await _there(media, uri)
    if there is None or not (same_work(there, manifest) or outdated(manifest, there)):
        await media.write(uri, manifest)


async def _there(media: MediaStore, uri: str) -> Manifest | None:
    try:
        return await media.read(uri, Manifest) if await media.exists(uri) else None
    except ValidationError:
        return None  # damaged, or of a version that wrote other fields: it is written anew
