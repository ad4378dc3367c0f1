"""A post that its platform keeps until its time comes is moved there, once, or stays as it is with the reason."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from actors.publisher.ports import Moves
from contracts import asks
from contracts.envelope import Event
from contracts.events import PublishDone, PublishRequested
from contracts.subjects import PUBLISH_DONE, PUBLISH_PLANNED, PUBLISH_REQUESTED
from runtime.claims import Claims
from runtime.errors import Reject, Retry
from tests.publisher.platforms.cases import CASES
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import EVERY, Fault, Reply
from tests.publisher.platforms.youtube_server import YOUTUBE, YouTubeServer, google_error
from tests.publisher.support import START, DyingClaims, Killed
from tests.support.work import RecordedWork

CASE = YOUTUBE
FIRST, SECOND, THIRD = (START + timedelta(hours=hours) for hours in (2, 5, 8))
UPDATE = "PUT /youtube/v3/videos"
LATER = Reply(429, b"", {"Retry-After": "3600"})
"""So long that a timer keeps what waits."""


async def order(kit: Kit, request: PublishRequested, minute: int, *, claims: Claims | None = None) -> RecordedWork:
    """Order it so many minutes after the first order."""
    return await sent(kit, request, START + timedelta(minutes=minute), "test", claims)


async def due(kit: Kit, timer: tuple[datetime, PublishRequested]) -> RecordedWork:
    """Bring back what a timer has kept, when it is due."""
    when, request = timer
    kit.bench.clock.now = when
    return await sent(kit, request, when, "clipwire/timer")


async def sent(
    kit: Kit, request: PublishRequested, at: datetime, source: str, claims: Claims | None = None
) -> RecordedWork:
    """Deliver it, and again for as long as it is to be tried later."""
    event: Event[PublishRequested] = Event(
        id=f"{source}-{at}", source=source, type=PUBLISH_REQUESTED.name, subject=request.key, time=at, data=request
    )
    for attempt in range(1, 20):
        work = RecordedWork(event, attempt)
        try:
            await kit.publisher(claims).handlers[PUBLISH_REQUESTED](request, work)
        except Retry as error:
            kit.bench.clock.move(error.after or 1.0)
        else:
            return work
    raise AssertionError("it is tried for ever")


async def planned(kit: Kit, at: datetime = FIRST) -> PublishRequested:
    """A post that the platform keeps until then."""
    request = kit.request(await kit.render(), publish_at=at)
    (done,) = (await order(kit, request, 0)).of(PUBLISH_DONE)
    assert done.publication.published_at == at
    return request


def to(request: PublishRequested, at: datetime) -> PublishRequested:
    return request.model_copy(update={"publish_at": at})


def times(work: RecordedWork) -> list[datetime]:
    said: list[PublishDone] = work.of(PUBLISH_DONE)
    return [done.publication.published_at for done in said]


def status(server: YouTubeServer) -> dict[str, object]:
    (video,) = server.videos.values()
    found: dict[str, object] = video["status"]
    return found


async def test_another_time_is_told_to_youtube_and_said(kit: Kit, server: YouTubeServer) -> None:
    request = await planned(kit)
    before = dict(status(server))
    assert times(await order(kit, to(request, SECOND), 1)) == [SECOND]
    assert status(server) == {**before, "publishAt": "2026-11-21T17:00:00Z"}, "nothing else is erased"
    assert len(server.posted) == 1
    (waiting,) = (await kit.rehearsal().planned(asks.WhichPlanned(account_ids=(request.account_id,)))).waiting
    assert (waiting.at, waiting.wanted) == (SECOND, SECOND)
    assert times(await order(kit, to(request, FIRST), 2)) == [FIRST], "and back"


async def test_the_same_time_again_asks_and_says_nothing(kit: Kit, server: YouTubeServer) -> None:
    request = await planned(kit)
    asked = len(server.requests)
    assert times(await order(kit, request, 1)) == []
    assert times(await order(kit, request.model_copy(update={"publish_at": None}), 2)) == []
    assert len(server.requests) == asked


async def test_an_order_that_comes_again_late_does_not_move_it_back(kit: Kit, server: YouTubeServer) -> None:
    request = await planned(kit)
    await order(kit, to(request, SECOND), 2)
    assert times(await order(kit, request, 0)) == [], "nor is it said again"
    assert times(await order(kit, to(request, THIRD), 1)) == []
    assert status(server)["publishAt"] == "2026-11-21T17:00:00Z"


async def test_a_move_that_youtube_takes_later_stays_out_and_is_finished_by_its_timer(
    kit: Kit, server: YouTubeServer
) -> None:
    request = await planned(kit)
    server.refusals["updated"] = [LATER]
    waits = await order(kit, to(request, SECOND), 1)
    assert (times(waits), waits.of(PUBLISH_PLANNED)) == ([], []), "it is out, and not planned again"
    assert times(await due(kit, kit.bench.timers.set[request.publication_id])) == [SECOND]
    assert status(server)["publishAt"] == "2026-11-21T17:00:00Z"


async def test_a_timer_of_an_earlier_move_does_not_undo_a_later_one(kit: Kit, server: YouTubeServer) -> None:
    request = await planned(kit)
    server.refusals["updated"] = [LATER]
    await order(kit, to(request, SECOND), 1)
    timer = kit.bench.timers.set[request.publication_id]
    assert times(await order(kit, to(request, THIRD), 2)) == [THIRD]
    assert kit.bench.timers.set == {}, "it is cancelled"
    assert times(await due(kit, timer)) == [], "and moves nothing where it was on its way already"
    assert status(server)["publishAt"] == "2026-11-21T20:00:00Z"


async def test_what_a_timer_brings_was_ordered_when_it_was_and_not_when_it_is_due(
    kit: Kit, server: YouTubeServer
) -> None:
    render = await kit.changed(duration=1000.0)  # so long that the channel is asked whether it may
    request = kit.request(render, publish_at=SECOND)
    server.refusals["channel"] = [LATER]
    assert times(await order(kit, request, 0)) == []
    assert times(await due(kit, kit.bench.timers.set[request.publication_id])) == [SECOND]
    assert times(await order(kit, to(request, THIRD), 30)) == [THIRD], "ordered before the timer was due"


async def test_a_time_that_is_past_shows_it_at_once(kit: Kit, server: YouTubeServer) -> None:
    request = await planned(kit)
    kit.bench.clock.move(600)
    assert times(await order(kit, to(request, START), 10)) == [kit.bench.clock()]
    assert status(server)["privacyStatus"] == "public" and "publishAt" not in status(server)


async def test_what_is_seen_already_is_not_moved(kit: Kit, server: YouTubeServer) -> None:
    request = await planned(kit)
    kit.bench.clock.move(3 * 3600)
    assert times(await order(kit, to(request, SECOND), 180)) == []
    assert server.asked(UPDATE) == []


@pytest.mark.parametrize("spoilt", ["shown by hand", "deleted by hand"])
async def test_what_a_person_has_changed_on_youtube_is_left_as_it_is(
    kit: Kit, server: YouTubeServer, spoilt: str
) -> None:
    request = await planned(kit)
    (video,) = server.videos.values()
    if spoilt == "shown by hand":
        video["status"] = {**video["status"], "privacyStatus": "unlisted"}
        del video["status"]["publishAt"]
    else:
        server.videos.clear()
    with pytest.raises(Reject, match=r"unlisted|deleted there"):
        await order(kit, to(request, SECOND), 1)
    assert server.asked(UPDATE) == []
    assert (await kit.published(request))["published_at"] == "2026-11-21T14:00:00Z"


async def test_a_time_that_youtube_does_not_keep_is_refused_before_anything_is_changed(
    kit: Kit, server: YouTubeServer
) -> None:
    request = await planned(kit)
    asked = len(server.requests)
    with pytest.raises(Reject, match=r"keeps a post for 15 minutes to 365 days.*stays at") as refused:
        await order(kit, to(request, START + timedelta(minutes=5)), 1)
    assert refused.value.field == "publish_at" and len(server.requests) == asked
    assert times(await order(kit, to(request, SECOND), 2)) == [SECOND]


@pytest.mark.parametrize("fault", EVERY)
@pytest.mark.parametrize("where", [UPDATE, "GET /youtube/v3/videos"])
async def test_a_fault_on_the_way_leads_to_the_one_time_that_was_asked_for(
    kit: Kit, server: YouTubeServer, where: str, fault: Fault
) -> None:
    request = await planned(kit)
    server.fail(where, fault)
    assert times(await order(kit, to(request, SECOND), 1)) == [SECOND]
    assert status(server)["publishAt"] == "2026-11-21T17:00:00Z"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 8))
async def test_a_worker_that_dies_on_the_way_leaves_a_move_that_is_finished(
    kit: Kit, server: YouTubeServer, at: int, after: bool
) -> None:
    request = await planned(kit)
    move, said = to(request, SECOND), set[datetime]()
    try:
        said |= set(times(await order(kit, move, 1, claims=DyingClaims(kit.bench.claims, at=at, after=after))))
    except Killed:
        said |= set(times(await order(kit, move, 1)))
    assert said <= {SECOND} and (await kit.published(request))["published_at"] == "2026-11-21T17:00:00Z"
    assert status(server)["publishAt"] == "2026-11-21T17:00:00Z"
    assert len(server.posted) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 5))
async def test_a_worker_that_dies_on_the_way_to_a_refusal_leaves_it_to_be_said(
    kit: Kit, server: YouTubeServer, at: int, after: bool
) -> None:
    request = await planned(kit)
    server.refusals["updated"] = [google_error(400, "invalidPublishAt")] * 2
    before, move = await kit.published(request), to(request, SECOND)
    with pytest.raises((Killed, Reject)):
        await order(kit, move, 1, claims=DyingClaims(kit.bench.claims, at=at, after=after))
    with pytest.raises(Reject, match="does not change the time"):
        await order(kit, move, 1)
    assert await kit.published(request) == before


async def test_what_was_not_moved_stands_as_it_was_ordered(kit: Kit, server: YouTubeServer) -> None:
    request = await planned(kit)
    kept = dict(status(server))
    status(server)["privacyStatus"] = "unlisted"
    with pytest.raises(Reject, match="unlisted"):
        await order(kit, to(request, THIRD), 2)
    status(server).update(kept)
    assert times(await order(kit, to(request, SECOND), 1)) == [SECOND], "ordered before what was refused"


@pytest.fixture
async def other(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kit]:
    case = CASES[request.param]
    server = case.server()
    with server.running():
        async with Kit(case, server, tmp_path) as kit:
            yield kit


KEPT = {
    "facebook": "Change its time in Meta Business Suite, among the scheduled posts of the Page",
    "mastodon": "Change its time in an app that lists scheduled posts, such as Tusky: Mastodon's own pages do not",
    "peertube": "Change its time on PeerTube, in the settings of the video, where its privacy is “Scheduled”",
}


def test_who_keeps_posts_moves_them_or_tells_how_a_person_does() -> None:
    platforms = [case.open("http://127.0.0.1") for case in CASES.values()]
    keeping = {each.name: each.limits.by_hand for each in platforms if each.limits.schedules}
    assert {name: told for name, told in keeping.items() if told} == KEPT
    assert {each.name for each in platforms if isinstance(each, Moves)} == {*keeping} - {*KEPT} == {"youtube"}


@pytest.mark.parametrize("other", KEPT, indirect=True)
async def test_where_clipwire_moves_nothing_it_is_said_what_to_do(other: Kit) -> None:
    request = await planned(other)
    asked = len(other.server.requests)
    with pytest.raises(Reject, match=r"has .* already and shows it at 2026-11-21T14:00:00") as refused:
        await order(other, to(request, SECOND), 1)
    name = other.platform.name
    assert refused.value.what.endswith(f"; Clipwire does not change the time of what {name} keeps")
    assert refused.value.advice == KEPT[name]
    assert times(await order(other, to(request, SECOND), -1)) == [], "of an earlier order nothing comes"
    assert len(other.server.requests) == asked
