"""The operator orders something about a user's post: both hear what comes of it, and nobody else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts.envelope import Event
from contracts.events import PublishRequested
from contracts.subjects import PUBLISH_PLANNED, PUBLISH_REQUESTED, WORK_FAILED
from runtime.errors import Reject
from runtime.timers import SOURCE
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.telegram_server import TELEGRAM, TelegramServer, error
from tests.publisher.platforms.test_former_owners import ADA, EVE, belongs, seen
from tests.publisher.platforms.youtube_server import YOUTUBE, YouTubeServer
from tests.publisher.support import START
from tests.support.work import RecordedWork

CASE = TELEGRAM
FIRST, SECOND = START + timedelta(hours=2), START + timedelta(hours=5)
on_youtube = pytest.mark.parametrize("case", [YOUTUBE], ids=["youtube"])


def asked(
    request: PublishRequested, at: datetime, owner: str | None, source: str = "test", cause: str | None = None
) -> RecordedWork:
    event: Event[PublishRequested] = Event(
        id=f"{source}-{at}-{owner}",
        source=source,
        type=PUBLISH_REQUESTED.name,
        subject=request.key,
        time=at,
        data=request,
        owner=owner,
        causationid=cause,
    )
    return RecordedWork(event)


def due(kit: Kit, request: PublishRequested) -> RecordedWork:
    """What the timer of a publication brings, when it is due."""
    cause = kit.bench.timers.causes[request.publication_id]
    when, again = kit.bench.timers.set[request.publication_id]
    kit.bench.clock.now = when
    return asked(again, when, cause.owner, SOURCE, cause.id)


async def done(kit: Kit, work: RecordedWork) -> RecordedWork:
    await kit.publisher().handlers[PUBLISH_REQUESTED](work.event.data, work)
    return work


async def order(kit: Kit, request: PublishRequested, minute: int, owner: str | None = ADA) -> RecordedWork:
    """Order it so many minutes after the first order."""
    return await done(kit, asked(request, START + timedelta(minutes=minute), owner))


def planned(work: RecordedWork) -> list[datetime | None]:
    return [said.at for said in work.of(PUBLISH_PLANNED)]


def to(request: PublishRequested, at: datetime) -> PublishRequested:
    return request.model_copy(update={"publish_at": at})


async def waits(kit: Kit, owner: str | None = ADA) -> PublishRequested:
    """A post on Ada's account that waits for its time."""
    await belongs(kit, ADA)
    request = kit.request(await kit.render(), publish_at=FIRST)
    assert planned(await order(kit, request, 0, owner)) == [FIRST]
    return request


async def test_a_user_hears_when_the_operator_moves_their_post(kit: Kit) -> None:
    request = await waits(kit)
    moved = await order(kit, to(request, SECOND), 1, None)
    assert planned(moved) == planned(moved.owned(ADA)) == [SECOND]
    out = await done(kit, due(kit, request))
    assert out.event.owner == ADA, "it is her post still"
    assert seen(out) == seen(out.owned(None)) != []


async def test_a_user_hears_when_the_operator_publishes_their_post_at_once(kit: Kit) -> None:
    request = await waits(kit)
    out = await order(kit, to(request, START), 1, None)
    assert seen(out) == seen(out.owned(ADA)) != []
    again = await order(kit, request, 0)
    assert seen(again) == seen(again.owned(None)) == []


async def test_the_operator_hears_when_a_user_moves_what_both_have_ordered(kit: Kit) -> None:
    request = await waits(kit, None)
    moved = await order(kit, to(request, SECOND), 1)
    assert planned(moved) == planned(moved.owned(None)) == [SECOND]


async def test_what_a_user_orders_is_not_told_to_the_operator_who_ordered_nothing(kit: Kit) -> None:
    request = await waits(kit)
    moved = await order(kit, to(request, SECOND), 1)
    assert moved.owned(None).emitted == moved.owned(EVE).emitted == {}


async def test_a_time_that_it_had_before_is_told_as_well(kit: Kit) -> None:
    request = await waits(kit)
    await order(kit, to(request, SECOND), 1, None)
    back = await order(kit, request, 2, None)
    there = {ident for work in (back, back.owned(ADA)) for ident in work.emitted}
    first = await order(kit, request, 3, None)
    assert planned(back.owned(ADA)) == [FIRST]
    assert not there & {*first.emitted}, "each order has its answer: the stream drops an id that it knows"


async def test_a_refusal_that_ends_it_is_told_to_its_user(kit: Kit, server: TelegramServer) -> None:
    request = await waits(kit)
    server.refuses["sendVideo"] = error(400, "Bad Request: VIDEO_CONTENT_TYPE_INVALID")
    work = asked(to(request, START), START + timedelta(minutes=1), None)
    with pytest.raises(Reject) as refused:
        await done(kit, work)
    (told,) = work.owned(ADA).of(WORK_FAILED)
    assert (told.failure.what, told.failure.entity) == (refused.value.what, request.publication_id)
    assert work.of(WORK_FAILED) == [], "whoever ordered it is told by the runtime"


async def test_a_refused_order_that_changes_nothing_is_told_to_nobody_else(kit: Kit) -> None:
    request = await waits(kit)
    work = asked(to(request, START + timedelta(days=4000)), START + timedelta(minutes=1), None)
    with pytest.raises(Reject, match="days away"):
        await done(kit, work)
    assert work.owned(ADA).emitted == {}


async def test_whose_account_it_is_no_more_hears_nothing_of_what_the_operator_orders(kit: Kit) -> None:
    request = await waits(kit)
    await belongs(kit, EVE)
    out = await order(kit, to(request, START), 1, None)
    assert len(seen(out)) == 1
    assert out.owned(ADA).emitted == out.owned(EVE).emitted == {}


async def test_a_post_that_the_operator_has_moved_falls_when_the_account_changes_hands(kit: Kit) -> None:
    request = await waits(kit)
    await order(kit, to(request, SECOND), 1, None)
    await belongs(kit, EVE)
    work = due(kit, request)
    with pytest.raises(Reject, match="was connected by somebody else"):
        await done(kit, work)
    assert len(work.owned(None).of(WORK_FAILED)) == 1
    assert work.owned(EVE).emitted == {}


@on_youtube
async def test_a_user_hears_when_the_operator_moves_what_the_platform_keeps(kit: Kit, server: YouTubeServer) -> None:
    await belongs(kit, ADA)
    request = kit.request(await kit.render(), publish_at=FIRST)
    assert seen(await order(kit, request, 0)) == [FIRST]
    moved = await order(kit, to(request, SECOND), 1, None)
    assert seen(moved) == seen(moved.owned(ADA)) == [SECOND]
    again = await order(kit, to(request, FIRST), 2)
    assert seen(again) == seen(again.owned(None)) == [FIRST]


async def test_what_falls_before_it_is_sent_is_told_to_its_user(kit: Kit, server: TelegramServer) -> None:
    request = await waits(kit)
    server.member = {"status": "member"}
    work = asked(to(request, START), START + timedelta(minutes=1), None)
    with pytest.raises(Reject):
        await done(kit, work)
    assert len(work.owned(ADA).of(WORK_FAILED)) == 1
    assert kit.bench.timers.set == {}, "nothing brings it back"
