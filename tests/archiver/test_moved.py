"""A post that is moved says `publish.done` once more: its manifest has the new time, and the files as they were."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actors.archiver.core import Manifest, manifest_uri
from contracts.envelope import Event
from contracts.events import PublishDone
from contracts.keys import render_uri
from contracts.renders import Render
from contracts.subjects import MEDIA_ARCHIVED, PUBLISH_DONE
from contracts.work import Publication
from runtime.actor import Actor
from runtime.media import FileMediaStore
from tests.archiver.conftest import a_publication, stored
from tests.support.work import NOW, RecordedWork


async def said(actor: Actor, publication: Publication, minute: int, attempt: int = 1) -> RecordedWork:
    """Deliver what was said so many minutes after `NOW`."""
    done = PublishDone(publication=publication)
    time = NOW + timedelta(minutes=minute)
    event: Event[PublishDone] = Event(
        id=f"minute {minute}", source="publisher", type=PUBLISH_DONE.name, subject=done.key, time=time, data=done
    )
    work = RecordedWork(event, attempt)
    await actor.handlers[PUBLISH_DONE](done, work)
    return work


async def kept(media: FileMediaStore, publication: Publication) -> Manifest:
    return await media.read(manifest_uri("publication", publication.publication_id), Manifest)


@pytest.mark.parametrize("since", ["made anew", "purged"])
async def test_a_moved_post_keeps_the_files_that_were_published(
    media: FileMediaStore, actor: Actor, render: Render, since: str
) -> None:
    first = await said(actor, a_publication(), 0)
    if since == "made anew":
        video = await stored(media, "short.mp4", b"other bytes", "video/mp4")
        await media.write(render_uri(render.render_id), render.model_copy(update={"video": video}))
    else:
        for uri in (render_uri(render.render_id), *(file.uri for file in render.files)):
            await media.delete(uri)
    to = a_publication(hours=5)
    moved = await said(actor, to, 1)
    (before,), (after,) = first.of(MEDIA_ARCHIVED), moved.of(MEDIA_ARCHIVED)
    manifest = await kept(media, to)
    assert (manifest.publication, manifest.files, after.files) == (to, render.files, before.files)
    # The checksum that was said before holds no more, so it is said anew, under an id of its own.
    assert after.manifest == await media.describe(before.manifest.uri, "application/json")
    assert after.manifest != before.manifest
    assert not set(first.emitted) & set(moved.emitted)
    assert (await said(actor, to, 1, attempt=2)).emitted == moved.emitted


async def test_what_was_said_before_a_move_and_comes_again_late_moves_nothing_back(
    media: FileMediaStore, actor: Actor, render: Render
) -> None:
    first, second = a_publication(), a_publication(hours=5)
    for publication, minute in ((first, 0), (second, 1), (first, 0)):
        (archived,) = (await said(actor, publication, minute)).of(MEDIA_ARCHIVED)
        assert archived.manifest == await media.describe(archived.manifest.uri, "application/json")
    assert (await kept(media, second)).publication == second
    await said(actor, first, 2)
    assert (await kept(media, first)).publication == first, "a move back is a move"


async def test_another_post_of_the_same_short_is_verified_anew(
    media: FileMediaStore, actor: Actor, render: Render
) -> None:
    await said(actor, a_publication(), 0)
    video = await stored(media, "short.mp4", b"other bytes", "video/mp4")
    await media.write(render_uri(render.render_id), render.model_copy(update={"video": video}))
    other = a_publication(hours=1).model_copy(update={"platform_id": "y", "url": "https://shorts.example/y"})
    (archived,) = (await said(actor, other, 1)).of(MEDIA_ARCHIVED)
    assert video in archived.files
