"""candidate.ranked, candidate.rejected, clip.analyzed, render.done, render.rejected, work.failed ->
candidate.approved, candidate.rejected, approval.asked, render.requested, publish.requested"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from actors.producer.core import Command, Cut, DeadEndError, after_analysis, after_ranking, after_render, is_rule
from actors.producer.settings import ProducerSettings
from actors.producer.store import Cuts, failure
from contracts.events import CandidateRanked, CandidateRejected, ClipAnalyzed, RenderDone, RenderRejected, WorkFailed
from contracts.keys import rejection_key
from contracts.subjects import (
    CANDIDATE_RANKED,
    CANDIDATE_REJECTED,
    CLIP_ANALYZED,
    RENDER_DONE,
    RENDER_REJECTED,
    RENDER_REQUESTED,
    WORK_FAILED,
)
from runtime.actor import Actor, Work
from runtime.channels import Channels
from runtime.claims import Claims
from runtime.errors import Reject

_DECIDED = "decided"


def build(*, settings: ProducerSettings, channels: Channels, claims: Claims) -> Actor:
    """The producer: the policies of `core`, applied to the channel that an event belongs to."""
    actor = Actor("producer", slots=settings.producer_slots)

    @actor.listen(CANDIDATE_RANKED)
    async def on_candidate_ranked(ranked: CandidateRanked, work: Work) -> None:
        async def decide() -> list[Command]:
            rejected = await is_rejected(ranked.candidate.candidate_id)
            return after_ranking(await channels.get(ranked.channel_id), ranked, rejected=rejected)

        # Found again, by another scan: it was decided when it was found first.
        await _say(work, claims, f"decided/{ranked.channel_id}/{ranked.candidate.candidate_id}", decide)

    @actor.listen(CLIP_ANALYZED)
    async def on_clip_analyzed(analyzed: ClipAnalyzed, work: Work) -> None:
        async def decide() -> list[Command]:
            rejected = await is_rejected(analyzed.clip.clip_id)
            channel = await channels.get(analyzed.order.channel_id)

            def choose(cuts: Sequence[Cut]) -> list[Command]:
                return after_analysis(channel, analyzed, rejected=rejected, cuts=cuts)

            try:
                known = Cuts(claims, channel.channel_id)
                return await known.decide(work.event.id, analyzed.clip.clip_id, analyzed.seen_before, choose)
            except DeadEndError as end:
                raise Reject(end.what, advice=end.advice, field=end.field) from None

        await _say(work, claims, f"said/{work.event.id}", decide)

    @actor.listen(RENDER_DONE)
    async def on_render_done(done: RenderDone, work: Work) -> None:
        async def decide() -> list[Command]:
            await Cuts(claims, done.channel_id).add(done.render)
            rejected = await is_rejected(done.render.render_id)
            return after_render(await channels.get(done.channel_id), done, rejected=rejected)

        await _say(work, claims, f"said/{work.event.id}", decide)

    @actor.listen(CANDIDATE_REJECTED)
    async def on_candidate_rejected(rejected: CandidateRejected, work: Work) -> None:
        # A rule speaks for its own channel, which has written that down already.
        if not is_rule(rejected.rejected_by):
            await claims.take(rejection_key(rejected.candidate_id), work.event.id)

    @actor.listen(RENDER_REJECTED)
    async def on_render_rejected(rejected: RenderRejected, work: Work) -> None:
        await claims.take(rejection_key(rejected.render_id), work.event.id)

    @actor.listen(WORK_FAILED)
    async def on_work_failed(failed: WorkFailed, work: Work) -> None:
        if failed.failure.subject == RENDER_REQUESTED.name:
            await claims.take(failure(failed.failure.entity), work.event.id)

    async def is_rejected(ident: str) -> bool:
        return await claims.get(rejection_key(ident)) is not None

    return actor


async def _say(work: Work, claims: Claims, key: str, decide: Callable[[], Awaitable[list[Command]]]) -> None:
    """Write down what is decided, then say it: a redelivery says the same, also after the channel was changed.

    What another message has decided under `key` is left to that one. Taken and not decided, it failed or is being
    decided right now: it is taken over, and of two that do so one gets `ClaimLost`, comes back and finds it decided.
    """
    claim = await claims.take(key, work.event.id)
    if claim.step != _DECIDED:
        commands = [command.noted() for command in await decide()]
        claim = await claims.advance(claim, _DECIDED, owner=work.event.id, commands=commands)
    elif claim.owner != work.event.id:
        return
    for command in map(Command.from_note, claim.data["commands"]):
        await work.emit(command.subject, command.data)
