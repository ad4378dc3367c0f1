"""What is not published: not yet, not as it is, or not without somebody's word; and who may say so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from actors.publisher.adapters.platforms.outbox import Outbox
from actors.publisher.core.limits import Limits, Text
from contracts.keys import rejection_key
from contracts.media import Rights
from contracts.subjects import PUBLISH_DONE, PUBLISH_PLANNED, PUBLISH_REQUESTED, RENDER_REQUESTED
from runtime.errors import Reject, Retry
from tests.publisher.remote import Public, Remote, remote_publisher
from tests.publisher.support import START, Bench, a_render, request
from tests.support.work import deliver


async def test_a_refused_post_may_be_tried_again_at_once_in_other_words(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails = Reject("the title is not allowed")
    with pytest.raises(Reject):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    better = request(render, title="Better")
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, better, event_id="second")
    assert [event.publication.title for event in work.of(PUBLISH_DONE)] == ["Better"]


async def test_a_rule_may_not_publish_what_a_person_has_rejected_and_a_person_may(bench: Bench) -> None:
    render = await a_render(bench.media)
    await bench.claims.take(rejection_key(render.render_id), "person")
    with pytest.raises(Reject, match="wants"):
        await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render, requested_by="rule:publish=always"))
    work = await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render), event_id="person")
    assert len(work.of(PUBLISH_DONE)) == 1


async def test_a_post_that_waits_for_its_time_comes_back_and_falls_with_a_no_that_came_meanwhile(
    bench: Bench,
) -> None:
    kept, fallen = await a_render(bench.media, start=1), await a_render(bench.media, start=2)
    at = START + timedelta(hours=1)
    for render in (kept, fallen):
        work = await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render, publish_at=at))
        assert [planned.at for planned in work.of(PUBLISH_PLANNED)] == [at]
        assert not work.of(PUBLISH_DONE)
    assert [when for when, _ in bench.timers.set.values()] == [at, at]
    await bench.claims.take(rejection_key(fallen.render_id), "person")
    bench.clock.move(3600)
    due = bench.timers.set[request(kept).publication_id][1]
    assert len((await deliver(bench.publisher(), PUBLISH_REQUESTED, due, event_id="due")).of(PUBLISH_DONE)) == 1
    with pytest.raises(Reject, match="wants"):
        await deliver(bench.publisher(), PUBLISH_REQUESTED, request(fallen, publish_at=at), event_id="due 2")


class Narrow(Outbox):
    """A platform that takes upright videos of at most ten seconds."""

    limits = Limits(source="the test", description=Text(100), aspect=(0.5, 0.8), duration=(1.0, 10.0))


async def test_a_short_that_is_too_long_is_ordered_anew_for_this_account_alone(bench: Bench) -> None:
    render = await a_render(bench.media)
    narrow = Narrow(bench.folder, media=bench.media)
    for attempt in (1, 2):  # the worker may die after it has ordered
        work = await deliver(bench.publisher(platform=narrow), PUBLISH_REQUESTED, request(render), attempt=attempt)
        (order,) = work.of(RENDER_REQUESTED)
        assert (order.start, order.end, order.accounts) == (1.0, 10.5, ("outbox:default",))
        assert [planned.anew for planned in work.of(PUBLISH_PLANNED)] == [order.render_id]
        assert not work.of(PUBLISH_DONE)


async def test_what_no_order_would_mend_is_refused_naming_the_rule_and_the_fix(bench: Bench) -> None:
    render = await a_render(bench.media)
    slow = Narrow(bench.folder, media=bench.media)
    slow.limits = Limits(source="the test", description=Text(100), fps=(50.0, 60.0), bytes=(1, 1000))
    with pytest.raises(Reject, match="frame rate is 30 fps, allowed is 50 to 60 fps") as refused:
        await deliver(bench.publisher(platform=slow), PUBLISH_REQUESTED, request(render))
    assert "file size" in refused.value.what
    assert "recipe" in refused.value.advice


async def test_rights_that_nobody_vouches_for_are_refused_and_a_person_may_vouch(bench: Bench) -> None:
    render = await a_render(bench.media, rights=Rights(status="unknown"))
    public = Public(bench)
    asked = request(render).model_copy(update={"account_id": "peertube:me"})
    publisher = bench.publisher(platform=public)
    for refused in (asked, asked.model_copy(update={"requested_by": "rule:publish=always", "vouch": True})):
        with pytest.raises(Reject, match="nobody has vouched"):
            await deliver(publisher, PUBLISH_REQUESTED, refused)
    vouched = asked.model_copy(update={"vouch": True, "requested_by": "ada"})
    assert len((await deliver(publisher, PUBLISH_REQUESTED, vouched)).of(PUBLISH_DONE)) == 1


async def test_limits_are_checked_before_anything_is_claimed_as_sent(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media, title="x" * 101)
    with pytest.raises(Reject, match="too long"):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    claim = await bench.claims.get(f"publish/{request(render).publication_id}")
    assert claim is not None
    assert claim.step == "taken"


async def test_a_render_that_is_not_there_is_refused_by_name(bench: Bench) -> None:
    render = await a_render(bench.media)
    unknown = request(render.model_copy(update={"render_id": "r_" + "0" * 20}))
    with pytest.raises(Reject, match="r_00000000000000000000") as refused:
        await deliver(bench.publisher(), PUBLISH_REQUESTED, unknown)
    assert refused.value.field == "render_id"


async def test_an_unknown_platform_is_refused_naming_the_known_ones(bench: Bench) -> None:
    render = await a_render(bench.media)
    elsewhere = request(render).model_copy(update={"account_id": "youtube:me"})
    with pytest.raises(Reject, match="youtube") as refused:
        await deliver(bench.publisher(), PUBLISH_REQUESTED, elsewhere)
    assert "outbox:<account>" in refused.value.advice
    assert refused.value.field == "account_id"


async def test_a_platform_that_is_full_until_tomorrow_is_asked_again_by_a_timer(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails = Retry("the project's uploads of today are used up", after=20 * 3600.0)
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    (planned,) = work.of(PUBLISH_PLANNED)
    assert planned.at == START + timedelta(hours=20)
    assert "used up" in planned.note
    bench.clock.move(20 * 3600)
    (due,) = [order for _, order, *_ in bench.timers.set.values()]
    remote.posts.clear()
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, due, event_id="due")
    assert len(work.of(PUBLISH_DONE)) == len(remote.posts) == 1


@pytest.mark.parametrize("at", ["9999-12-31T23:59:00+00:00", "0001-01-01T00:00:00+00:00", "2263-01-01T00:00:00+00:00"])
async def test_a_time_out_of_reach_is_refused_and_takes_no_place(bench: Bench, at: str) -> None:
    order = request(await a_render(bench.media), publish_at=at)
    with pytest.raises(Reject, match="days away"):
        await deliver(bench.publisher(), PUBLISH_REQUESTED, order)
    assert not bench.timers.set


@pytest.mark.parametrize("at", ["9999-12-31T23:59:00-01:00", "0001-01-01T00:00:00+14:00"])
async def test_a_time_that_utc_does_not_have_is_in_no_order(bench: Bench, at: str) -> None:
    render = await a_render(bench.media)
    with pytest.raises(ValidationError, match="no moment of the years 1 to 9999"):
        request(render, publish_at=at)
