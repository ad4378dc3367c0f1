"""The outbox: whole folders or none, and feeds that list every one of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
import sys
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from actors.publisher.adapters.platforms import open_platforms
from actors.publisher.adapters.platforms.outbox import Outbox
from actors.publisher.adapters.platforms.outbox_feeds import VIDEO
from actors.publisher.settings import PublisherSettings
from contracts.renders import Render
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from contracts.work import Publication
from runtime.errors import MediaMissing, Reject, Retry, Unavailable
from tests.publisher.support import START, Bench, a_render, post_of, request
from tests.support.work import deliver

ATOM = "{http://www.w3.org/2005/Atom}"


async def publish(
    bench: Bench, render: Render, account: str = "default", *, base_url: str | None = None
) -> Publication:
    actor = bench.publisher(platform=bench.outbox(base_url=base_url))
    ask = request(render, account)
    work = await deliver(actor, PUBLISH_REQUESTED, ask, event_id=f"for {ask.publication_id}")
    (done,) = work.of(PUBLISH_DONE)
    return done.publication


def feed_ids(folder: Path) -> tuple[list[str], list[str], list[str]]:
    """Ids in the order of the RSS, Atom and JSON feeds."""
    rss = ET.parse(folder / "feed.xml").getroot()
    atom = ET.parse(folder / "atom.xml").getroot()
    items = json.loads((folder / "feed.json").read_text())["items"]
    return (
        [item.findtext("guid") or "" for item in rss.iter("item")],
        [(entry.findtext(f"{ATOM}id") or "").rpartition(":")[2] for entry in atom.iter(f"{ATOM}entry")],
        [item["id"] for item in items],
    )


async def test_a_publication_is_a_folder_with_video_picture_captions_and_what_is_known(bench: Bench) -> None:
    render = await a_render(bench.media)
    publication = await publish(bench, render)
    folder = bench.folder / "default" / publication.publication_id
    assert sorted(path.name for path in folder.iterdir()) == [
        "captions.srt",
        "metadata.json",
        "thumbnail.jpg",
        "video.mp4",
    ]
    metadata = json.loads((folder / "metadata.json").read_text())
    assert metadata["description"] == "What it is about\n\n“A” by B, CC BY 4.0"
    assert metadata["rights"]["licence"] == "CC-BY-4.0"
    assert metadata["tags"] == ["ai", "tools & more"]
    assert metadata["render_id"] == render.render_id
    assert metadata["published_at"] == "2026-11-21T12:00:00Z"
    for name, facts in metadata["files"].items():
        content = (folder / name).read_bytes()
        assert (facts["bytes"], facts["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


async def test_a_short_in_which_nothing_is_said_has_no_captions(bench: Bench) -> None:
    publication = await publish(bench, await a_render(bench.media, captions=False))
    assert not (bench.folder / "default" / publication.publication_id / "captions.srt").exists()


async def test_the_event_says_where_it_is_watched(bench: Bench) -> None:
    publication = await publish(bench, await a_render(bench.media))
    video = bench.folder / "default" / publication.publication_id / "video.mp4"
    assert publication.url == video.as_uri()
    assert publication.platform_id == publication.publication_id
    assert publication.published_at == START


async def test_the_feeds_enclose_the_video_with_its_length_and_type_under_the_base_address(bench: Bench) -> None:
    render = await a_render(bench.media, title="Cats & <dogs>")
    publication = await publish(bench, render, "my~shorts", base_url="https://shorts.example/out/")
    address = f"https://shorts.example/out/my~shorts/{publication.publication_id}/video.mp4"
    assert publication.url == address
    folder = bench.folder / "my~shorts"
    size = (folder / publication.publication_id / VIDEO).stat().st_size

    (item,) = ET.parse(folder / "feed.xml").getroot().iter("item")
    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert enclosure.attrib == {"url": address, "length": str(size), "type": "video/mp4"}
    assert item.findtext("title") == "Cats & <dogs>"
    assert parsedate_to_datetime(item.findtext("pubDate") or "") == START

    (entry,) = ET.parse(folder / "atom.xml").getroot().iter(f"{ATOM}entry")
    links = {link.attrib["rel"]: link.attrib for link in entry.iter(f"{ATOM}link")}
    assert links["enclosure"]["href"] == address
    assert links["enclosure"]["length"] == str(size)
    assert entry.findtext(f"{ATOM}published") == "2026-11-21T12:00:00+00:00"

    feed = json.loads((folder / "feed.json").read_text())
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://shorts.example/out/my~shorts/feed.json"
    (attachment,) = feed["items"][0]["attachments"]
    assert (attachment["url"], attachment["size_in_bytes"]) == (address, size)


async def test_the_feeds_list_the_newest_first(bench: Bench) -> None:
    idents = []
    for number in range(4):
        bench.clock.move(60)
        idents.append((await publish(bench, await a_render(bench.media, start=number))).publication_id)
    newest_first = idents[::-1]
    assert feed_ids(bench.folder / "default") == (newest_first, newest_first, newest_first)


async def test_accounts_have_folders_and_feeds_of_their_own(bench: Bench) -> None:
    render = await a_render(bench.media)
    first, second = await publish(bench, render, "a"), await publish(bench, render, "b")
    assert first.publication_id != second.publication_id
    assert bench.published("a") == [first.publication_id]
    assert bench.published("b") == [second.publication_id]


async def test_a_title_with_characters_that_xml_cannot_carry_does_not_break_the_feed(bench: Bench) -> None:
    render = await a_render(bench.media, title="beep \x07 \x00 \ufffe boop")
    publication = await publish(bench, render)
    assert feed_ids(bench.folder / "default")[0] == [publication.publication_id]


async def test_a_short_without_a_title_is_listed_by_its_id(bench: Bench) -> None:
    publication = await publish(bench, await a_render(bench.media, title=""))
    (item,) = ET.parse(bench.folder / "default" / "feed.xml").getroot().iter("item")
    assert item.findtext("title") == publication.publication_id


async def test_a_folder_that_was_removed_is_listed_no_more(bench: Bench) -> None:
    gone = await publish(bench, await a_render(bench.media, start=1))
    for path in (bench.folder / "default" / gone.publication_id).iterdir():
        path.unlink()
    (bench.folder / "default" / gone.publication_id).rmdir()
    left = await publish(bench, await a_render(bench.media, start=2))
    assert feed_ids(bench.folder / "default")[2] == [left.publication_id]


@pytest.mark.parametrize("change", [b"", b"other bytes"], ids=["cut short", "changed"])
async def test_a_file_that_is_not_what_was_rendered_is_not_published(bench: Bench, change: bytes) -> None:
    render = await a_render(bench.media)
    (await bench.media.local(render.video.uri)).write_bytes(change)
    with pytest.raises(Reject, match=r"short\.mp4 is not what was rendered"):
        await publish(bench, render)
    assert bench.published() == []


async def test_a_file_that_is_gone_from_the_store_is_named(bench: Bench) -> None:
    render = await a_render(bench.media)
    await bench.media.delete(render.thumbnail.uri)
    with pytest.raises(MediaMissing, match=r"thumb\.jpg"):
        await publish(bench, render)


async def test_a_short_that_was_rendered_again_is_published_after_it_was_refused(bench: Bench) -> None:
    render = await a_render(bench.media)
    (await bench.media.local(render.video.uri)).write_bytes(b"damaged")
    with pytest.raises(Reject):
        await publish(bench, render)
    await a_render(bench.media)
    assert (await publish(bench, render)).render_id == render.render_id


async def test_a_disk_without_room_is_said_before_the_first_byte(bench: Bench) -> None:
    render = await a_render(bench.media)
    huge = render.model_copy(update={"video": render.video.model_copy(update={"bytes": 1 << 60})})
    with pytest.raises(Retry, match="is full") as later:
        await bench.outbox().check(await bench.session(), post_of(huge))
    assert "CLIPWIRE_OUTBOX_DIR" in later.value.advice
    assert later.value.after == 60


async def test_a_place_that_cannot_be_written_is_refused_with_its_name(bench: Bench) -> None:
    render = await a_render(bench.media)
    bench.folder.write_text("a file where the folder should be")
    with pytest.raises(Reject, match="outbox cannot be written") as refused:
        await publish(bench, render)
    assert "CLIPWIRE_OUTBOX_DIR" in refused.value.advice


async def test_metadata_that_somebody_broke_is_named_and_publishing_goes_on_once_it_is_repaired(
    bench: Bench,
) -> None:
    first = await publish(bench, await a_render(bench.media, start=1))
    path = bench.folder / "default" / first.publication_id / "metadata.json"
    whole = path.read_text()
    path.write_text("{")
    second = await a_render(bench.media, start=2)
    with pytest.raises(Unavailable, match=first.publication_id):
        await publish(bench, second)
    path.write_text(whole)
    done = await publish(bench, second)
    assert set(feed_ids(bench.folder / "default")[1]) == {first.publication_id, done.publication_id}


async def test_workers_in_one_process_lose_no_entry(bench: Bench) -> None:
    renders = [await a_render(bench.media, start=number) for number in range(12)]
    done = await asyncio.gather(*(publish(bench, render) for render in renders))
    for ids in feed_ids(bench.folder / "default"):
        assert sorted(ids) == sorted(publication.publication_id for publication in done)


async def start_worker(bench: Bench, renders: list[Render]) -> asyncio.subprocess.Process:
    idents = [render.render_id for render in renders]
    root = str(bench.folder.parent)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.publisher.worker",
        root,
        "default",
        *idents,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


async def test_two_processes_on_one_outbox_publish_everything_once_and_lose_no_entry(bench: Bench) -> None:
    renders = [await a_render(bench.media, start=number) for number in range(20)]
    # The second goes the other way round: they meet in the middle, and both try every one.
    workers = [await start_worker(bench, renders), await start_worker(bench, renders[::-1])]
    for worker in workers:
        await worker.communicate()
    expected = sorted(request(render).publication_id for render in renders)
    assert [worker.returncode for worker in workers] == [0, 0]
    assert bench.published() == expected
    for ids in feed_ids(bench.folder / "default"):
        assert sorted(ids) == expected


async def test_a_process_that_is_killed_leaves_nothing_half_and_the_next_one_finishes(bench: Bench) -> None:
    renders = [await a_render(bench.media, start=number) for number in range(10)]
    expected = [request(render).publication_id for render in renders]
    for _ in range(3):
        worker = await start_worker(bench, renders)
        assert worker.stdout is not None
        # Somewhere in the middle of the work that follows the third line.
        for _ in range(3):
            await worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
        await worker.communicate()
        for name in bench.published():
            assert name.startswith(".") or (bench.folder / "default" / name / "metadata.json").is_file()
    last = await start_worker(bench, renders)
    said, _ = await last.communicate()
    assert said.decode().split() == expected
    assert bench.published() == sorted(expected)
    assert sorted(feed_ids(bench.folder / "default")[2]) == sorted(expected)


async def test_a_cancelled_handler_stops_copying_and_leaves_nothing(bench: Bench) -> None:
    render = await a_render(bench.media)
    task = asyncio.create_task(publish(bench, render))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await publish(bench, render)
    assert bench.published() == [request(render).publication_id]


def test_the_outbox_lies_in_the_home_folder_unless_it_is_set_elsewhere(bench: Bench, tmp_path: Path) -> None:
    platforms = open_platforms(PublisherSettings(_env_file=None), home=tmp_path, media=bench.media)
    assert isinstance(platforms["outbox"], Outbox)
    assert not (tmp_path / "outbox").exists()
