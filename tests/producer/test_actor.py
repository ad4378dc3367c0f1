"""The producer on its subjects: what it says once, however often it is told."""

from __future__ import annotations

import pytest

from actors.producer.actor import build
from actors.producer.settings import ProducerSettings
from contracts.events import CandidateRejected, RenderRejected
from contracts.media import Order, Rights
from contracts.renders import Recipe
from contracts.subjects import (
    APPROVAL_ASKED,
    CANDIDATE_APPROVED,
    CANDIDATE_RANKED,
    CANDIDATE_REJECTED,
    CLIP_ANALYZED,
    PUBLISH_REQUESTED,
    RENDER_DONE,
    RENDER_REJECTED,
    RENDER_REQUESTED,
)
from contracts.work import Channel, Rules
from runtime.actor import Actor
from runtime.claims import ClaimLost
from runtime.errors import Reject
from tests.producer.examples import a_moment, analyzed, ranked, rendered
from tests.support.channels import MemoryChannels
from tests.support.claims import MemoryClaims
from tests.support.work import deliver


def producer(*channels: Channel, claims: MemoryClaims | None = None) -> Actor:
    return build(
        settings=ProducerSettings(_env_file=None),
        channels=MemoryChannels(*channels),
        claims=claims or MemoryClaims(),
    )


async def test_a_candidate_that_is_found_again_is_not_decided_again() -> None:
    actor = producer()
    first = await deliver(actor, CANDIDATE_RANKED, ranked(0.9), event_id="one")
    again = await deliver(actor, CANDIDATE_RANKED, ranked(0.1, scan="s2"), event_id="two")
    assert len(first.of(CANDIDATE_APPROVED)) == 1
    assert not again.emitted


async def test_a_redelivery_says_the_same_even_if_the_rules_were_changed_meanwhile() -> None:
    claims = MemoryClaims()
    first = await deliver(producer(claims=claims), CANDIDATE_RANKED, ranked(0.9))
    strict = Channel(rules=Rules(approve_from=None))
    again = await deliver(producer(strict, claims=claims), CANDIDATE_RANKED, ranked(0.9), attempt=2)
    assert first.emitted == again.emitted


async def test_a_worker_that_died_right_after_its_claim_is_finished_by_the_redelivery() -> None:
    claims = MemoryClaims()
    await claims.take("decided/default/youtube:abc", "cause-1")
    work = await deliver(producer(claims=claims), CANDIDATE_RANKED, ranked(0.9), attempt=2)
    assert len(work.of(CANDIDATE_APPROVED)) == 1


async def test_a_decision_that_failed_for_good_is_left_to_the_next_find() -> None:
    claims, channels = MemoryClaims(), MemoryChannels()
    actor = build(settings=ProducerSettings(_env_file=None), channels=channels, claims=claims)
    with pytest.raises(Reject):
        await deliver(actor, CANDIDATE_RANKED, ranked(0.9, channel="late"), event_id="dead")
    await channels.put(Channel(channel_id="late"))
    again = await deliver(actor, CANDIDATE_RANKED, ranked(0.9, channel="late"), event_id="next")
    third = await deliver(actor, CANDIDATE_RANKED, ranked(0.9, channel="late"), event_id="third")
    assert len(again.of(CANDIDATE_APPROVED)) == 1
    assert not third.emitted


async def test_of_two_finds_at_the_same_time_one_decides_and_the_other_comes_back_to_see_it() -> None:
    claims = MemoryClaims()

    class Overtaken(MemoryChannels):
        """Another worker decides while this one reads the channel."""

        async def get(self, channel_id: str) -> Channel:
            self.other = await deliver(producer(claims=claims), CANDIDATE_RANKED, ranked(0.9), event_id="two")
            return await super().get(channel_id)

    channels = Overtaken()
    slow = build(settings=ProducerSettings(_env_file=None), channels=channels, claims=claims)
    with pytest.raises(ClaimLost):
        await deliver(slow, CANDIDATE_RANKED, ranked(0.9), event_id="one")
    back = await deliver(producer(claims=claims), CANDIDATE_RANKED, ranked(0.9), event_id="one", attempt=2)
    assert len(channels.other.of(CANDIDATE_APPROVED)) == 1
    assert not back.emitted


async def test_every_channel_decides_for_itself() -> None:
    actor = producer(Channel(channel_id="strict", rules=Rules(approve_from=0.95)))
    first = await deliver(actor, CANDIDATE_RANKED, ranked(0.9), event_id="one")
    other = await deliver(actor, CANDIDATE_RANKED, ranked(0.9, channel="strict"), event_id="two")
    assert [event.channel_id for event in first.of(CANDIDATE_APPROVED)] == ["default"]
    assert [event.channel_id for event in other.of(APPROVAL_ASKED)] == ["strict"]


async def test_a_low_score_is_rejected() -> None:
    work = await deliver(producer(), CANDIDATE_RANKED, ranked(0.01))
    assert [event.candidate_id for event in work.of(CANDIDATE_REJECTED)] == ["youtube:abc"]


REJECTED = CandidateRejected(candidate_id="youtube:abc", rejected_by="ada")


async def test_what_a_person_rejected_is_approved_by_no_rule_of_any_channel() -> None:
    actor = producer(Channel(), Channel(channel_id="other"))
    said = await deliver(actor, CANDIDATE_REJECTED, REJECTED, event_id="no")
    first = await deliver(actor, CANDIDATE_RANKED, ranked(0.9), event_id="one")
    other = await deliver(actor, CANDIDATE_RANKED, ranked(0.9, channel="other"), event_id="two")
    third = await deliver(actor, CANDIDATE_RANKED, ranked(0.9), event_id="three")
    assert not said.emitted | first.emitted | other.emitted | third.emitted


async def test_what_the_rule_of_a_channel_rejected_is_still_decided_by_another_channel() -> None:
    actor = producer(Channel(), Channel(channel_id="other"))
    (rejected,) = (await deliver(actor, CANDIDATE_RANKED, ranked(0.01), event_id="one")).of(CANDIDATE_REJECTED)
    await deliver(actor, CANDIDATE_REJECTED, rejected, event_id="no")
    other = await deliver(actor, CANDIDATE_RANKED, ranked(0.9, channel="other"), event_id="two")
    assert len(other.of(CANDIDATE_APPROVED)) == 1


async def test_a_rejection_after_the_approval_of_a_rule_ends_before_the_cut() -> None:
    actor = producer()
    (approved,) = (await deliver(actor, CANDIDATE_RANKED, ranked(0.9))).of(CANDIDATE_APPROVED)
    await deliver(actor, CANDIDATE_REJECTED, REJECTED, event_id="no")
    with pytest.raises(Reject, match="was rejected"):
        await deliver(actor, CLIP_ANALYZED, analyzed(a_moment(0.9), order=approved.order), event_id="cut")
    by_hand = await deliver(actor, CLIP_ANALYZED, analyzed(a_moment(0.9)), event_id="by hand")
    assert len(by_hand.of(RENDER_REQUESTED)) == 1


async def test_what_was_decided_before_a_rejection_is_said_again_by_a_redelivery() -> None:
    """Else a worker that died between two words would have said one of them."""
    actor = producer()
    first = await deliver(actor, CANDIDATE_RANKED, ranked(0.9))
    await deliver(actor, CANDIDATE_REJECTED, REJECTED, event_id="no")
    again = await deliver(actor, CANDIDATE_RANKED, ranked(0.9), attempt=2)
    assert first.emitted == again.emitted


async def test_a_short_that_was_rejected_is_neither_published_nor_asked_about() -> None:
    actor = producer(Channel(targets=("outbox:default", "youtube:me")))
    rejected = RenderRejected(render_id=rendered().render.render_id)
    for event_id in ("no", "no, again"):
        await deliver(actor, RENDER_REJECTED, rejected, event_id=event_id)
    work = await deliver(actor, RENDER_DONE, rendered(), event_id="done")
    assert not work.emitted


async def test_a_channel_that_nobody_made_is_refused_by_name() -> None:
    with pytest.raises(Reject, match="'nobody'"):
        await deliver(producer(), CANDIDATE_RANKED, ranked(0.9, channel="nobody"))


async def test_a_clip_leads_to_one_order_per_moment() -> None:
    event = analyzed(*(a_moment(0.5 + n / 100, start=n * 30.0) for n in range(6)))
    work = await deliver(producer(), CLIP_ANALYZED, event)
    assert [request.start for request in work.of(RENDER_REQUESTED)] == [150, 120, 90, 60]


async def test_a_redelivered_clip_is_cut_as_it_was_before_the_channel_changed() -> None:
    claims, event = MemoryClaims(), analyzed(a_moment(0.9), a_moment(0.8, start=40))
    first = await deliver(producer(claims=claims), CLIP_ANALYZED, event)
    square = Channel(clips=1, recipes=(Recipe(width=1080, height=1080),))
    again = await deliver(producer(square, claims=claims), CLIP_ANALYZED, event, attempt=2)
    other = await deliver(producer(square, claims=claims), CLIP_ANALYZED, event, event_id="ordered again")
    assert first.emitted == again.emitted
    assert [request.recipe.height for request in other.of(RENDER_REQUESTED)] == [1080]


async def test_a_redelivered_short_goes_where_it_went_before_the_channel_changed() -> None:
    claims = MemoryClaims()
    first = await deliver(producer(Channel(targets=("youtube:me",)), claims=claims), RENDER_DONE, rendered())
    again = await deliver(producer(Channel(), claims=claims), RENDER_DONE, rendered(), attempt=2)
    assert first.emitted == again.emitted


async def test_an_event_that_was_refused_is_decided_by_the_channel_of_its_second_delivery() -> None:
    claims, event = MemoryClaims(), analyzed(a_moment(0.5))
    with pytest.raises(Reject):
        await deliver(producer(Channel(min_score=0.6), claims=claims), CLIP_ANALYZED, event)
    work = await deliver(producer(claims=claims), CLIP_ANALYZED, event, attempt=2)
    assert len(work.of(RENDER_REQUESTED)) == 1


async def test_what_is_written_down_about_the_largest_clip_stays_well_under_what_a_bucket_takes() -> None:
    claims = MemoryClaims()
    wordy = [
        a_moment(0.5, start=n * 30.0, title="题" * 9000).model_copy(update={"reason": "因" * 9000}) for n in range(60)
    ]
    work = await deliver(producer(claims=claims), CLIP_ANALYZED, analyzed(*wordy, order=Order(clips=50)))
    claim = await claims.get("said/cause-1")
    assert len(work.of(RENDER_REQUESTED)) == 50
    assert claim is not None
    assert len(claim.model_dump_json().encode()) < 512 * 1024


async def test_a_clip_without_moments_is_refused_with_advice() -> None:
    with pytest.raises(Reject) as refused:
        await deliver(producer(), CLIP_ANALYZED, analyzed(order=Order(clips=3)))
    assert refused.value.advice


async def test_a_short_that_is_finished_again_is_asked_for_again_in_its_own_name() -> None:
    """The stream drops a known id for two days: a first publish.requested that failed must not swallow the second."""
    actor = producer(Channel(targets=("outbox:default", "youtube:me")))
    first = await deliver(actor, RENDER_DONE, rendered(), event_id="one")
    second = await deliver(actor, RENDER_DONE, rendered(), event_id="two")
    for work in (first, second):
        assert len(work.of(PUBLISH_REQUESTED)) == len(work.of(APPROVAL_ASKED)) == 1
    assert not first.emitted.keys() & second.emitted.keys()


async def test_a_channel_that_asks_first_publishes_nothing_by_itself() -> None:
    actor = producer(Channel(rules=Rules(publish="ask")))
    work = await deliver(actor, RENDER_DONE, rendered(Rights(status="owned")))
    assert not work.of(PUBLISH_REQUESTED)
    (asked,) = work.of(APPROVAL_ASKED)
    assert asked.accounts == ("outbox:default",)
    assert "asks before" in asked.reason
