"""Of two orders for one post the newer counts, whichever comes first; one that comes too late is said to have."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts.events import PublishRequested
from contracts.subjects import PUBLISH_DONE, PUBLISH_PLANNED
from runtime.errors import Reject, Retry
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import Reply
from tests.publisher.platforms.telegram_server import TELEGRAM, TOKEN, TelegramServer, error
from tests.publisher.platforms.test_former_owners import ADA, belongs, seen
from tests.publisher.platforms.test_whose import asked, done, due, order, planned, to
from tests.publisher.platforms.youtube_server import YOUTUBE, YouTubeServer
from tests.publisher.support import START

CASE = TELEGRAM
FIRST, SECOND, THIRD = (START + timedelta(hours=hours) for hours in (2, 5, 8))
SENT = f"POST /bot{TOKEN}/sendVideo"
on_youtube = pytest.mark.parametrize("case", [YOUTUBE], ids=["youtube"])


@pytest.fixture(autouse=True)
async def hers(kit: Kit) -> None:
    await belongs(kit, ADA)


def waiting_for(kit: Kit, request: PublishRequested) -> datetime:
    return kit.bench.timers.set[request.publication_id][0]


async def test_an_older_order_that_comes_late_does_not_move_what_waits(kit: Kit) -> None:
    request = kit.request(await kit.render(), publish_at=FIRST)
    await order(kit, to(request, SECOND), 2)
    late = await order(kit, request, 1)
    assert planned(late) == [SECOND], "it is answered with what stands"
    (said,) = late.of(PUBLISH_PLANNED)
    assert said.note == "a newer order stands, of 2026-11-21T12:02:00+00:00"
    assert waiting_for(kit, request) == SECOND


async def test_an_older_order_that_comes_late_changes_no_words(kit: Kit, server: TelegramServer) -> None:
    request = kit.request(await kit.render(), publish_at=FIRST)
    await order(kit, request.model_copy(update={"title": "Better"}), 2)
    await order(kit, request.model_copy(update={"title": "Worse"}), 1)
    (published,) = (await done(kit, due(kit, request))).of(PUBLISH_DONE)
    assert published.publication.title == "Better"


async def test_an_older_order_that_was_for_now_publishes_nothing_before_its_time(
    kit: Kit, server: TelegramServer
) -> None:
    request = kit.request(await kit.render(), publish_at=SECOND)
    await order(kit, request, 2)
    await order(kit, to(request, START), 1)
    assert server.posted == []


async def test_a_timer_that_rang_before_a_newer_order_came_does_not_undo_it(kit: Kit, server: TelegramServer) -> None:
    request = kit.request(await kit.render(), publish_at=FIRST)
    await order(kit, request, 0)
    rung = due(kit, request)
    await order(kit, to(request, SECOND), 119)
    assert planned(await done(kit, rung)) == [SECOND]
    assert (server.posted, waiting_for(kit, request)) == ([], SECOND)
    assert len(seen(await done(kit, due(kit, request)))) == 1


async def test_an_older_order_that_a_platform_has_no_time_for_leaves_what_stands(
    kit: Kit, server: TelegramServer
) -> None:
    request = kit.request(await kit.render(), publish_at=FIRST)
    await order(kit, request.model_copy(update={"title": "Better"}), 2)
    kit.bench.clock.now = FIRST
    server.refuses["sendVideo"] = error(429, "Too Many Requests: retry after 3600", retry_after=3600)
    await order(kit, request.model_copy(update={"title": "Worse"}), 1)
    assert kit.bench.timers.set[request.publication_id][1].title == "Better"
    (published,) = (await done(kit, due(kit, request))).of(PUBLISH_DONE)
    assert published.publication.title == "Better"


async def test_an_order_is_the_same_however_often_it_comes(kit: Kit) -> None:
    request = kit.request(await kit.render(), publish_at=FIRST)
    works = [await order(kit, request, 1) for _ in range(3)]
    assert [planned(work) for work in works] == [[FIRST]] * 3
    assert len({ident for work in works for ident in work.emitted}) == 1


async def test_a_later_time_for_what_is_being_sent_is_refused_once_it_is_out(kit: Kit, server: TelegramServer) -> None:
    request = kit.request(await kit.render())
    server.fail(SENT, "429 silent")
    with pytest.raises(Retry):
        await order(kit, request, 0)
    kit.bench.clock.move(300)
    newer = asked(to(request, SECOND), START + timedelta(minutes=1), ADA)
    for _ in range(2):
        with pytest.raises(Reject, match="was on its way already when 2026-11-21T17:00:00") as refused:
            await done(kit, newer)
    assert refused.value.field == "publish_at" and "hide or delete it there" in refused.value.advice
    assert (len(server.posted), len(newer.of(PUBLISH_DONE))) == (1, 1), "what was begun is finished"


async def test_the_time_that_it_is_sent_at_is_no_other_time(kit: Kit, server: TelegramServer) -> None:
    request = kit.request(await kit.render())
    server.fail(SENT, "429 silent")
    with pytest.raises(Retry):
        await order(kit, request, 0)
    assert len(seen(await order(kit, to(request, START), 1))) == 1


async def begun(kit: Kit, server: YouTubeServer, *, first: Reply) -> PublishRequested:
    """A post that YouTube is to keep, of which nothing has arrived yet."""
    request = kit.request(await kit.render(), publish_at=FIRST)
    server.refusals["opened"] = [first]
    return request


@on_youtube
async def test_another_time_for_what_is_being_sent_ahead_is_told_to_the_platform_behind_it(
    kit: Kit, server: YouTubeServer
) -> None:
    request = await begun(kit, server, first=Reply(503))
    with pytest.raises(Retry):
        await order(kit, request, 0)
    assert seen(await order(kit, to(request, SECOND), 1)) == [FIRST, SECOND]
    assert seen(await order(kit, request, 0)) == [], "and the order before it changes nothing"
    (video,) = server.videos.values()
    assert video["status"]["publishAt"] == "2026-11-21T17:00:00Z"


@on_youtube
async def test_another_time_that_a_timer_had_to_keep_is_not_forgotten(kit: Kit, server: YouTubeServer) -> None:
    later = Reply(429, b"", {"Retry-After": "3600"})
    request = await begun(kit, server, first=later)
    server.refusals["opened"].append(later)
    await order(kit, request, 0)
    before = kit.bench.timers.set[request.publication_id]
    await order(kit, to(request, THIRD), 1)
    assert kit.bench.timers.set[request.publication_id] != before
    assert seen(await done(kit, due(kit, request))) == [FIRST, THIRD]
