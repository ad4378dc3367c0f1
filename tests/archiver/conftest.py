"""A finished short in a media store, and the archiver."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from actors.archiver.actor import build
from actors.archiver.settings import ArchiverSettings
from contracts.ids import publication_id, render_id
from contracts.keys import render_prefix, render_uri
from contracts.media import MediaRef, Rights
from contracts.renders import Recipe, Render
from contracts.work import Publication
from runtime.actor import Actor
from runtime.media import FileMediaStore
from tests.support.work import NOW

CLIP = "file:abc"
RENDER = render_id(CLIP, 3, 23.5, {})


async def stored(media: FileMediaStore, name: str, content: bytes, content_type: str) -> MediaRef:
    """A file of the short."""
    async with media.writing(f"{render_prefix(RENDER)}/{name}", content_type) as draft:
        draft.path.write_bytes(content)
    return draft.ref


@pytest.fixture
def media(tmp_path: Path) -> FileMediaStore:
    """An empty store."""
    return FileMediaStore(tmp_path / "media")


@pytest.fixture
def actor(media: FileMediaStore) -> Actor:
    """The archiver."""
    return build(settings=ArchiverSettings(_env_file=None), media=media)


@pytest.fixture
async def render(media: FileMediaStore) -> Render:
    """A finished short."""
    video = await stored(media, "short.mp4", b"video" * 1000, "video/mp4")
    thumbnail = await stored(media, "thumb.jpg", b"picture", "image/jpeg")
    made = Render(
        render_id=RENDER,
        clip_id=CLIP,
        start=3,
        end=23.5,
        recipe=Recipe(),
        title="A short",
        video=video,
        thumbnail=thumbnail,
        captions=await stored(media, "short.srt", b"1\n", "application/x-subrip"),
        duration=20.5,
        width=1080,
        height=1920,
        fps=30,
        encoder="libx264",
        seconds_spent=4.25,
        rights=Rights(status="licensed", licence="CC-BY-4.0", attribution="“A” by B"),
    )
    await media.write(render_uri(RENDER), made)
    return made


def a_publication(*, hours: int = 0) -> Publication:
    """To be seen so many hours after `NOW`."""
    return Publication(
        publication_id=publication_id(RENDER, "outbox:default"),
        render_id=RENDER,
        account_id="outbox:default",
        platform="outbox",
        platform_id="x",
        url="https://shorts.example/x",
        published_at=NOW + timedelta(hours=hours),
        title="A short",
    )
