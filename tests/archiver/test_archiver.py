"""The archiver reads what was made again, and writes down what it found."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest

from actors.archiver.core import manifest_uri
from contracts.events import PublishDone, RenderDone
from contracts.ids import publication_id
from contracts.keys import clip_uri, render_uri
from contracts.media import Candidate, Clip, MediaRef, Rights
from contracts.renders import Render
from contracts.subjects import MEDIA_ARCHIVED, PUBLISH_DONE, RENDER_DONE
from contracts.work import Publication
from runtime.actor import Actor
from runtime.errors import MediaMissing, Reject
from runtime.media import FileMediaStore
from tests.archiver.conftest import CLIP, RENDER, a_publication, stored
from tests.support.work import NOW, deliver


def a_clip(media_ref: MediaRef) -> Clip:
    candidate = Candidate(candidate_id=CLIP, url="file:///a.mp4", title="A", source="folder")
    return Clip(
        clip_id=CLIP,
        source_url="file:///a.mp4",
        title="A",
        media=media_ref,
        duration=60,
        width=640,
        height=360,
        fps=25,
        video_codec="h264",
        candidate=candidate,
    )


async def test_the_manifest_of_a_short_lists_every_file_with_the_checksum_of_its_bytes(
    media: FileMediaStore, actor: Actor, render: Render
) -> None:
    await media.write(clip_uri(CLIP), a_clip(render.video))
    work = await deliver(actor, RENDER_DONE, RenderDone(render=render))
    (archived,) = work.of(MEDIA_ARCHIVED)
    assert (archived.about, archived.id, archived.archived_at) == ("render", RENDER, NOW)
    assert archived.manifest.uri == f"media://archive/renders/{RENDER}.json"
    manifest = json.loads((await media.local(archived.manifest.uri)).read_bytes())
    assert manifest["source_url"] == "file:///a.mp4"
    assert manifest["rights"]["licence"] == "CC-BY-4.0"
    assert manifest["timings"] == {"start": 3.0, "end": 23.5, "duration": 20.5, "seconds_spent": 4.25}
    assert manifest["software"].startswith("clipwire/")
    assert len(manifest["files"]) == 3
    for file in manifest["files"]:
        content = (await media.local(file["uri"])).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


async def test_a_source_that_is_gone_is_not_known_to_the_manifest(
    media: FileMediaStore, actor: Actor, render: Render
) -> None:
    await deliver(actor, RENDER_DONE, RenderDone(render=render))
    manifest = json.loads((await media.local(manifest_uri("render", RENDER))).read_bytes())
    assert manifest["source_url"] is None


async def test_a_redelivery_finds_the_manifest_and_emits_the_same(
    media: FileMediaStore, actor: Actor, render: Render
) -> None:
    first = await deliver(actor, RENDER_DONE, RenderDone(render=render))
    written = (await media.local(manifest_uri("render", RENDER))).stat().st_mtime_ns
    second = await deliver(actor, RENDER_DONE, RenderDone(render=render), attempt=2)
    assert first.emitted == second.emitted
    assert (await media.local(manifest_uri("render", RENDER))).stat().st_mtime_ns == written


async def test_a_manifest_of_an_older_version_that_says_the_same_stays(
    media: FileMediaStore, actor: Actor, render: Render
) -> None:
    await deliver(actor, RENDER_DONE, RenderDone(render=render))
    path = await media.local(manifest_uri("render", RENDER))
    document = json.loads(path.read_text()) | {"software": "clipwire/0.0.1"}
    path.write_text(json.dumps(document))
    work = await deliver(actor, RENDER_DONE, RenderDone(render=render), event_id="later")
    assert json.loads(path.read_text())["software"] == "clipwire/0.0.1"
    (archived,) = work.of(MEDIA_ARCHIVED)
    assert archived.manifest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("change", ["gone", "at another address"])
async def test_a_manifest_outlives_the_document_of_its_source(
    media: FileMediaStore, actor: Actor, render: Render, change: str
) -> None:
    """A redelivery's event is refused by the stream as known, so the manifest that the first one names must stay."""
    clip = a_clip(render.video)
    await media.write(clip_uri(CLIP), clip)
    first = await deliver(actor, RENDER_DONE, RenderDone(render=render))
    if change == "gone":
        await media.delete(clip_uri(CLIP))
    else:
        await media.write(clip_uri(CLIP), clip.model_copy(update={"source_url": "file:///b.mp4"}))
    again = await deliver(actor, RENDER_DONE, RenderDone(render=render), attempt=2)
    later = await deliver(actor, RENDER_DONE, RenderDone(render=render), event_id="ordered again")
    assert again.emitted == first.emitted
    assert later.of(MEDIA_ARCHIVED)[0].manifest == first.of(MEDIA_ARCHIVED)[0].manifest
    assert "file:///a.mp4" in (await media.local(manifest_uri("render", RENDER))).read_text()


@pytest.mark.parametrize("other", ["bytes", "rights"])
async def test_what_is_said_of_a_short_that_was_made_anew_meanwhile_changes_nothing(
    media: FileMediaStore, actor: Actor, render: Render, other: str
) -> None:
    await deliver(actor, RENDER_DONE, RenderDone(render=render), event_id="old")
    if other == "bytes":
        anew = render.model_copy(update={"video": await stored(media, "short.mp4", b"other bytes", "video/mp4")})
    else:
        anew = render.model_copy(update={"rights": Rights(status="owned")})
    await media.write(render_uri(RENDER), anew)
    new = await deliver(actor, RENDER_DONE, RenderDone(render=anew), event_id="new")
    late = await deliver(actor, RENDER_DONE, RenderDone(render=render), event_id="old", attempt=2)
    assert not late.emitted
    kept = await media.describe(manifest_uri("render", RENDER), "application/json")
    assert new.of(MEDIA_ARCHIVED)[0].manifest == kept


async def test_a_damaged_manifest_is_written_anew(media: FileMediaStore, actor: Actor, render: Render) -> None:
    first = await deliver(actor, RENDER_DONE, RenderDone(render=render))
    (await media.local(manifest_uri("render", RENDER))).write_bytes(b"{")
    again = await deliver(actor, RENDER_DONE, RenderDone(render=render), attempt=2)
    assert first.emitted == again.emitted


async def test_a_short_that_was_made_anew_gets_a_new_manifest(
    media: FileMediaStore, actor: Actor, render: Render
) -> None:
    await deliver(actor, RENDER_DONE, RenderDone(render=render))
    video = await stored(media, "short.mp4", b"other bytes", "video/mp4")
    again = RenderDone(render=render.model_copy(update={"video": video}))
    await media.write(render_uri(RENDER), again.render)
    work = await deliver(actor, RENDER_DONE, again, event_id="again")
    (archived,) = work.of(MEDIA_ARCHIVED)
    assert video in archived.files
    assert video.sha256 in (await media.local(archived.manifest.uri)).read_text()


@pytest.mark.parametrize("content", [b"other" * 1000, b"short"], ids=["other bytes", "other size"])
async def test_a_file_that_is_not_what_it_was_is_named(
    media: FileMediaStore, actor: Actor, render: Render, content: bytes
) -> None:
    (await media.local(render.video.uri)).write_bytes(content)
    with pytest.raises(Reject, match=r"short\.mp4") as refused:
        await deliver(actor, RENDER_DONE, RenderDone(render=render))
    assert RENDER in refused.value.advice
    assert not await media.exists(manifest_uri("render", RENDER))


async def test_a_file_that_is_gone_is_named(media: FileMediaStore, actor: Actor, render: Render) -> None:
    await media.delete(render.thumbnail.uri)
    with pytest.raises(MediaMissing, match=r"thumb\.jpg"):
        await deliver(actor, RENDER_DONE, RenderDone(render=render))


async def test_the_manifest_of_a_publication_says_where_and_when(
    media: FileMediaStore, actor: Actor, render: Render
) -> None:
    ident = publication_id(RENDER, "outbox:default")
    publication = Publication(
        publication_id=ident,
        render_id=RENDER,
        account_id="outbox:default",
        platform="outbox",
        platform_id=ident,
        url="https://shorts.example/default/x/video.mp4",
        published_at=datetime(2026, 11, 21, tzinfo=UTC),
        title="Its title there",
    )
    work = await deliver(actor, PUBLISH_DONE, PublishDone(publication=publication))
    (archived,) = work.of(MEDIA_ARCHIVED)
    assert (archived.about, archived.id) == ("publication", ident)
    assert archived.manifest.uri == f"media://archive/publications/{ident}.json"
    manifest = json.loads((await media.local(archived.manifest.uri)).read_bytes())
    assert manifest["publication"]["url"] == publication.url
    assert manifest["title"] == "Its title there"
    assert {file.uri for file in archived.files} == {
        render.video.uri,
        render.thumbnail.uri,
        render.captions.uri if render.captions else "",
    }


async def test_the_manifest_of_a_publication_stays_when_its_short_is_made_anew(
    media: FileMediaStore, actor: Actor, render: Render
) -> None:
    done = PublishDone(publication=a_publication())
    first = await deliver(actor, PUBLISH_DONE, done)
    video = await stored(media, "short.mp4", b"other bytes", "video/mp4")
    await media.write(render_uri(RENDER), render.model_copy(update={"video": video}))
    again = await deliver(actor, PUBLISH_DONE, done, attempt=2)
    assert again.emitted == first.emitted
    kept = await media.describe(manifest_uri("publication", done.publication.publication_id), "application/json")
    assert first.of(MEDIA_ARCHIVED)[0].manifest == kept


async def test_a_publication_whose_short_is_gone_is_refused(
    media: FileMediaStore, actor: Actor, render: Render
) -> None:
    await media.delete(render_uri(RENDER))
    with pytest.raises(MediaMissing, match=RENDER):
        await deliver(actor, PUBLISH_DONE, PublishDone(publication=a_publication()))
