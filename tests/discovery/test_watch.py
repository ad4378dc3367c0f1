"""The watched folder: a new file that has settled is announced once, whoever watches and however often it starts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from actors.discovery.actor import build
from actors.discovery.adapters.folder import Folder
from actors.discovery.adapters.watch import FolderWatch
from actors.discovery.settings import DiscoverySettings
from actors.discovery.store import Scans
from contracts.envelope import Event
from contracts.events import DiscoveryRequested
from contracts.subjects import CANDIDATE_FOUND, DISCOVERY_REQUESTED
from runtime.errors import Unavailable
from runtime.media import FileMediaStore
from tests.discovery.test_folder import put
from tests.support.channels import MemoryChannels
from tests.support.work import deliver


class Stream:
    """Keeps each event id once, as the stream does; refuses while `down`."""

    def __init__(self) -> None:
        self.events: dict[str, Event[Any]] = {}
        self.down = False

    async def publish(self, event: Event[Any]) -> object:
        if self.down:
            raise Unavailable("the bus is away")
        return self.events.setdefault(event.id, event)

    @property
    def requests(self) -> list[DiscoveryRequested]:
        return [event.data for event in self.events.values()]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def watching(inbox: Path, media: FileMediaStore, stream: Stream, **settings: Any) -> FolderWatch:
    return FolderWatch(Folder(inbox, rights="owned"), Scans(media), stream, settings=DiscoverySettings(**settings))


async def polls(watch: FolderWatch, times: int = 2) -> None:
    for _ in range(times):
        await watch.poll()


async def titles(media: FileMediaStore, inbox: Path, request: DiscoveryRequested) -> list[str]:
    """What the scan of a request finds."""
    actor = build(
        settings=DiscoverySettings(),
        sources={"folder": Folder(inbox, rights="owned")},
        channels=MemoryChannels(),
        media=media,
    )
    work = await deliver(actor, DISCOVERY_REQUESTED, request, event_id=request.key)
    return sorted(event.candidate.title for event in work.of(CANDIDATE_FOUND))


async def test_new_files_cause_one_scan_that_finds_just_them(inbox: Path, media: FileMediaStore) -> None:
    stream = Stream()
    watch = watching(inbox, media, stream, folder_niche="my talks")
    put(inbox, "a.mp4", "a")
    put(inbox, "sub/b.mp4", "b")
    await polls(watch, 4)
    (request,) = stream.requests
    assert (request.niche, request.sources, request.channel_id) == ("my talks", ("folder",), "default")
    assert await titles(media, inbox, request) == ["a", "b"]
    put(inbox, "c.mp4", "c")
    await polls(watch, 3)
    assert len(stream.requests) == 2
    assert await titles(media, inbox, stream.requests[1]) == ["c"]


async def test_a_file_that_still_grows_is_waited_for(inbox: Path, media: FileMediaStore) -> None:
    stream = Stream()
    watch = watching(inbox, media, stream)
    for size in range(1, 5):
        put(inbox, "a.mp4", "x" * size)
        await watch.poll()
    assert stream.requests == []
    await watch.poll()
    assert len(stream.requests) == 1


async def test_an_empty_file_and_one_whose_json_is_still_written_are_waited_for(
    inbox: Path, media: FileMediaStore
) -> None:
    stream = Stream()
    watch = watching(inbox, media, stream)
    put(inbox, "empty.mp4", "")
    put(inbox, "a.mp4", "x")
    put(inbox, "a.json", "{")
    await watch.poll()
    put(inbox, "a.json", '{"title": "A"}')
    await watch.poll()
    assert stream.requests == []
    await watch.poll()
    assert await titles(media, inbox, stream.requests[0]) == ["A"]


async def test_a_new_start_announces_nothing_twice(inbox: Path, media: FileMediaStore) -> None:
    put(inbox, "a.mp4", "a")
    await polls(watching(inbox, media, Stream()))
    stream = Stream()
    again = watching(inbox, media, stream)
    await polls(again, 3)
    assert stream.requests == []
    put(inbox, "b.mp4", "b")
    await polls(again)
    assert len(stream.requests) == 1


async def test_several_watchers_cause_one_scan(inbox: Path, media: FileMediaStore) -> None:
    put(inbox, "a.mp4", "a")
    stream = Stream()
    watchers = [watching(inbox, media, stream) for _ in range(3)]
    for _ in range(3):
        await asyncio.gather(*(watch.poll() for watch in watchers))
    assert len(stream.requests) == 1


async def test_a_watcher_killed_before_it_published_is_made_up_for(inbox: Path, media: FileMediaStore) -> None:
    put(inbox, "a.mp4", "a")
    stream = Stream()
    stream.down = True
    killed = watching(inbox, media, stream)
    await killed.poll()
    with pytest.raises(Unavailable):
        await killed.poll()
    stream.down = False
    await polls(watching(inbox, media, stream), 3)
    assert len(stream.requests) == 1
    assert await titles(media, inbox, stream.requests[0]) == ["a"]


async def test_a_file_taken_away_and_put_back_is_not_new(inbox: Path, media: FileMediaStore) -> None:
    stream = Stream()
    watch = watching(inbox, media, stream)
    put(inbox, "a.mp4", "a")
    await polls(watch)
    (inbox / "a.mp4").unlink()
    await polls(watch)
    put(inbox, "a.mp4", "a")
    await polls(watch, 3)
    assert len(stream.requests) == 1


async def test_more_files_than_one_scan_may_have_are_announced_in_several(inbox: Path, media: FileMediaStore) -> None:
    for number in range(501):
        (inbox / f"{number}.mp4").write_bytes(b"x")
    stream = Stream()
    await polls(watching(inbox, media, stream))
    batches = [await Scans(media).batch(request.key) for request in stream.requests]
    assert sorted(len(batch.candidate_ids) for batch in batches if batch) == [1, 500]
    assert {request.limit for request in stream.requests} == {500}


async def test_a_folder_that_comes_back_is_watched_again(
    inbox: Path, media: FileMediaStore, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.rmdir()
    stream = Stream()
    watch = watching(inbox, media, stream, folder_poll_s=0.01)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(watch.run())
        while "folder.not_watched" not in caplog.text:
            await asyncio.sleep(0.005)
        put(inbox, "a.mp4", "a")
        while not stream.requests:
            await asyncio.sleep(0.005)
        task.cancel()
    assert caplog.text.count("folder.not_watched") == 1
