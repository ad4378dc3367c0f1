"""What was cut already is not cut again: not from another clip that holds the same, and not from this one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.producer.actor import build
from actors.producer.core import Cut, DeadEndError, after_analysis, chosen, cuts_by_clip, cuts_here
from actors.producer.settings import ProducerSettings
from actors.producer.store import Cuts
from contracts.events import ClipAnalyzed, RenderRejected, WorkFailed
from contracts.media import Order
from contracts.sight import Moment, SeenBefore
from contracts.subjects import CLIP_ANALYZED, RENDER_DONE, RENDER_REJECTED, RENDER_REQUESTED, WORK_FAILED
from contracts.work import Channel, Failure
from runtime.actor import Actor
from runtime.claims import Claim, ClaimLost
from runtime.errors import Reject
from tests.producer.examples import a_moment, analyzed, rendered
from tests.support.channels import MemoryChannels
from tests.support.claims import MemoryClaims
from tests.support.work import RecordedWork, deliver

FIRST, COPY = "youtube:abc", "vimeo:77"
ALL = SeenBefore(clip_id=FIRST, start=0, end=590, other_start=10, by="both")
"""The copy lacks the first ten seconds of the first clip."""


def producer(claims: MemoryClaims, *channels: Channel) -> Actor:
    return build(settings=ProducerSettings(_env_file=None), channels=MemoryChannels(*channels), claims=claims)


def a_copy(*moments: Moment, seen: tuple[SeenBefore, ...] = (ALL,), order: Order | None = None) -> ClipAnalyzed:
    message = analyzed(*moments, order=order)
    return message.model_copy(
        update={"clip": message.clip.model_copy(update={"clip_id": COPY}), "seen_before": seen},
    )


def spans(work: RecordedWork) -> list[tuple[float, float]]:
    return [(order.start, order.end) for order in work.of(RENDER_REQUESTED)]


async def test_a_copy_gives_only_what_was_not_cut_from_the_first() -> None:
    claims = MemoryClaims()
    await deliver(producer(claims), CLIP_ANALYZED, analyzed(a_moment(0.9, 30.0), a_moment(0.8, 100.0)), event_id="1")
    copy = a_copy(a_moment(0.9, 20.0), a_moment(0.7, 93.0), a_moment(0.6, 200.0))
    assert spans(await deliver(producer(claims), CLIP_ANALYZED, copy, event_id="2")) == [(200.0, 220.0)]


async def test_a_copy_of_which_all_was_cut_fails_and_says_how_to_have_it_all_the_same() -> None:
    claims = MemoryClaims()
    await deliver(producer(claims), CLIP_ANALYZED, analyzed(a_moment(0.9, 30.0)), event_id="1")
    with pytest.raises(Reject, match=r"vimeo:77.*ordered already, from youtube:abc") as failure:
        await deliver(producer(claims), CLIP_ANALYZED, a_copy(a_moment(0.9, 20.0)), event_id="2")
    assert "number of `clips`" in failure.value.advice
    assert "render.requested" in failure.value.advice


async def test_an_order_with_a_number_of_clips_is_a_persons_word() -> None:
    claims = MemoryClaims()
    await deliver(producer(claims), CLIP_ANALYZED, analyzed(a_moment(0.9, 30.0)), event_id="1")
    copy = a_copy(a_moment(0.9, 20.0), order=Order(clips=1))
    assert spans(await deliver(producer(claims), CLIP_ANALYZED, copy, event_id="2")) == [(20.0, 40.0)]


async def test_only_the_stretch_that_is_the_same_counts() -> None:
    claims = MemoryClaims()
    await deliver(producer(claims), CLIP_ANALYZED, analyzed(a_moment(0.9, 30.0)), event_id="1")
    part = ALL.model_copy(update={"start": 100.0, "end": 200.0, "other_start": 110.0})
    copy = a_copy(a_moment(0.9, 20.0), seen=(part,))
    assert spans(await deliver(producer(claims), CLIP_ANALYZED, copy, event_id="2")) == [(20.0, 40.0)]


async def test_another_channel_cuts_for_itself() -> None:
    claims, other = MemoryClaims(), Channel(channel_id="other")
    await deliver(producer(claims), CLIP_ANALYZED, analyzed(a_moment(0.9, 30.0)), event_id="1")
    copy = a_copy(a_moment(0.9, 20.0), order=Order(channel_id="other"))
    assert spans(await deliver(producer(claims, other), CLIP_ANALYZED, copy, event_id="2")) == [(20.0, 40.0)]


async def test_a_redelivery_says_the_same_also_after_a_copy_was_cut() -> None:
    claims = MemoryClaims()
    first = analyzed(a_moment(0.9, 30.0), a_moment(0.8, 100.0))
    said = await deliver(producer(claims), CLIP_ANALYZED, first, event_id="1")
    await deliver(producer(claims), CLIP_ANALYZED, a_copy(a_moment(0.9, 300.0)), event_id="2")
    again = await deliver(producer(claims), CLIP_ANALYZED, first, event_id="1", attempt=2)
    assert said.emitted == again.emitted


async def test_the_same_clip_ordered_again_gives_the_same_shorts_and_nothing_that_overlaps_them() -> None:
    claims = MemoryClaims()
    await deliver(producer(claims), CLIP_ANALYZED, analyzed(a_moment(0.9, 30.0)), event_id="1")
    again = analyzed(a_moment(0.9, 30.0), a_moment(0.8, 45.0), a_moment(0.7, 80.0))
    work = await deliver(producer(claims), CLIP_ANALYZED, again, event_id="2")
    assert spans(work) == [(30.0, 50.0), (80.0, 100.0)]


async def test_what_the_copy_gave_is_not_cut_from_the_first_although_that_one_knows_nothing_of_the_copy() -> None:
    claims = MemoryClaims()
    await deliver(producer(claims), CLIP_ANALYZED, a_copy(a_moment(0.9, 20.0)), event_id="1")
    first = analyzed(a_moment(0.9, 32.0), a_moment(0.8, 100.0))
    assert spans(await deliver(producer(claims), CLIP_ANALYZED, first, event_id="2")) == [(100.0, 120.0)]


async def test_a_short_that_a_person_had_made_counts_too() -> None:
    claims = MemoryClaims()
    await deliver(producer(claims), RENDER_DONE, rendered(), event_id="1")
    copy = a_copy(a_moment(0.9, 0.0), a_moment(0.8, 50.0))
    assert spans(await deliver(producer(claims), CLIP_ANALYZED, copy, event_id="2")) == [(50.0, 70.0)]


async def test_a_worker_that_died_before_it_noted_what_it_ordered_is_made_up_for() -> None:
    claims = MemoryClaims()
    turn = await claims.take("cutting/default", "dead")
    await claims.advance(turn, "decided", last={FIRST: [[30.0, 50.0, FIRST, "r_1"]]})
    copy = a_copy(a_moment(0.9, 20.0), a_moment(0.8, 100.0))
    assert spans(await deliver(producer(claims), CLIP_ANALYZED, copy, event_id="2")) == [(100.0, 120.0)]


async def test_a_worker_that_died_after_it_noted_what_it_ordered_says_it_when_it_comes_back() -> None:
    claims = MemoryClaims()
    copy = a_copy(a_moment(0.9, 20.0), seen=(ALL.model_copy(update={"start": 25.0, "other_start": 35.0}),))
    await deliver(producer(claims), CLIP_ANALYZED, copy, event_id="dead")
    assert spans(await deliver(producer(claims), CLIP_ANALYZED, copy, event_id="2")) == [(20.0, 40.0)]


async def test_of_two_that_decide_at_the_same_time_one_comes_back_and_finds_what_the_other_ordered() -> None:
    claims = MemoryClaims()
    cuts = Cuts(claims, "default")
    turn = await claims.take("cutting/default", "one")
    await claims.advance(turn, "decided", last={})

    class Late(MemoryClaims):
        """Reads its turn before the other one took it."""

        async def take(self, key: str, owner: str) -> Claim:
            return turn if key == "cutting/default" else await claims.take(key, owner)

        get = claims.get
        advance = claims.advance

    with pytest.raises(ClaimLost):
        await Cuts(Late(), "default").decide("two", COPY, (ALL,), lambda known: [])
    assert await cuts.decide("two", COPY, (ALL,), lambda known: []) == []


async def test_those_who_lost_a_turn_come_back_soon_and_not_together() -> None:
    """A time that is named is no failed attempt, so any number may decide for one channel."""
    waits = []
    for _ in range(5):
        claims = MemoryClaims()
        with pytest.raises(ClaimLost) as lost:
            await Cuts(Overtaken(claims), "default").decide("two", COPY, (ALL,), lambda known: [])
        waits.append(lost.value.after)
    assert all(wait is not None and 0 < wait < 2 for wait in waits)
    assert len(set(waits)) > 1


class Overtaken:
    """Claims of which somebody else gets hold of a turn just before it is taken."""

    def __init__(self, claims: MemoryClaims) -> None:
        self.take, self.get, self._claims = claims.take, claims.get, claims

    async def advance(self, claim: Claim, step: str, *, owner: str | None = None, **data: Any) -> Claim:
        await self._claims.advance(claim, "decided", owner="another", last={})
        return await self._claims.advance(claim, step, owner=owner, **data)


def failed(render_id: str, subject: str = "render.requested") -> WorkFailed:
    failure = Failure(
        stage="renderer", subject=subject, event_id="e", entity=render_id, kind="rejected", what="It broke", advice="-"
    )
    return WorkFailed(failure=failure)


async def ordered(claims: MemoryClaims) -> str:
    """Render id of the first clip's one short, ordered and not finished."""
    work = await deliver(producer(claims), CLIP_ANALYZED, analyzed(a_moment(0.9, 0.0)), event_id="1")
    return work.of(RENDER_REQUESTED)[0].render_id


BESIDE = a_copy(a_moment(0.9, 0.0), seen=(ALL.model_copy(update={"start": 0.0, "other_start": 0.0}),))
"""A copy whose one moment is the one of the first clip."""


async def test_the_span_of_a_short_that_a_person_rejected_may_be_cut_from_a_copy() -> None:
    claims = MemoryClaims()
    render = await ordered(claims)
    await deliver(producer(claims), RENDER_REJECTED, RenderRejected(render_id=render), event_id="no")
    assert spans(await deliver(producer(claims), CLIP_ANALYZED, BESIDE, event_id="2")) == [(0.0, 20.0)]


async def test_the_span_of_a_short_that_could_not_be_rendered_may_be_cut_from_a_copy() -> None:
    claims = MemoryClaims()
    await deliver(producer(claims), WORK_FAILED, failed(await ordered(claims)), event_id="broken")
    assert spans(await deliver(producer(claims), CLIP_ANALYZED, BESIDE, event_id="2")) == [(0.0, 20.0)]


async def test_what_failed_after_it_was_rendered_or_was_rendered_after_it_failed_is_cut() -> None:
    for heard in ((RENDER_DONE, WORK_FAILED), (WORK_FAILED, RENDER_DONE)):
        claims = MemoryClaims()
        assert await ordered(claims) == rendered().render.render_id
        for subject in heard:
            if subject is RENDER_DONE:
                await deliver(producer(claims), RENDER_DONE, rendered(), event_id="done")
            else:
                await deliver(producer(claims), WORK_FAILED, failed(rendered().render.render_id), event_id="broken")
        with pytest.raises(Reject, match="ordered already"):
            await deliver(producer(claims), CLIP_ANALYZED, BESIDE, event_id="2")


async def test_that_a_finished_short_could_not_be_published_takes_nothing_back() -> None:
    claims = MemoryClaims()
    await deliver(producer(claims), WORK_FAILED, failed(await ordered(claims), "publish.requested"), event_id="broken")
    with pytest.raises(Reject, match="ordered already"):
        await deliver(producer(claims), CLIP_ANALYZED, BESIDE, event_id="2")


async def test_the_orders_that_are_left_say_which_better_moments_were_left_out() -> None:
    claims = MemoryClaims()
    await deliver(producer(claims), CLIP_ANALYZED, analyzed(a_moment(0.9, 30.0)), event_id="1")
    copy = a_copy(a_moment(0.9, 20.0), a_moment(0.6, 200.0))
    (left,) = (await deliver(producer(claims), CLIP_ANALYZED, copy, event_id="2")).of(RENDER_REQUESTED)
    assert left.reason == "it stands alone. Left out: 0:20 to 0:40, ordered already from youtube:abc"


@given(st.text(max_size=1500), st.integers(1, 40))
def test_the_reason_of_an_order_fits_it_however_much_was_left_out(reason: str, count: int) -> None:
    moments = [a_moment(0.9, 30.0 * n) for n in range(count)]
    last = a_moment(0.5, 30.0 * count).model_copy(update={"reason": reason})
    known = [Cut(moment.start + 1, moment.end, f"vimeo:{n:0150d}", "r_1") for n, moment in enumerate(moments)]
    (order,) = after_analysis(Channel(clips=50), analyzed(*moments, last), cuts=known)
    assert "Left out: 0:00 to 0:20" in order.data.reason


times = st.floats(0, 500).map(lambda t: round(t, 2))


@given(start=times, length=st.floats(5, 60), seen_start=times, other_start=times, seen_length=st.floats(5, 500))
def test_a_cut_in_the_stretch_is_found_again_from_the_other_side(
    start: float, length: float, seen_start: float, other_start: float, seen_length: float
) -> None:
    seen = SeenBefore(
        clip_id=FIRST, start=seen_start, end=seen_start + seen_length, other_start=other_start, by="sound"
    )
    for cut in cuts_here([Cut(start, start + length, FIRST, "r_1")], seen):
        assert seen.start <= cut.start < cut.end <= seen.end
        assert cut.end - cut.start <= length + 1e-6
        assert cut.start >= start + seen.start - seen.other_start - 1e-6


def test_touching_is_not_overlapping() -> None:
    known = [Cut(10.0, 30.0, COPY, "r_1")]
    beside = [a_moment(0.9, 29.5), a_moment(0.8, 60.0)]
    assert chosen(Channel(), analyzed(*beside), known).moments == tuple(beside)
    with pytest.raises(DeadEndError):
        chosen(Channel(), analyzed(a_moment(0.9, 28.0)), known)


def test_nothing_ordered_is_nothing_noted() -> None:
    assert cuts_by_clip(FIRST, (ALL,), []) == {}
