"""candidate.ranked, clip.analyzed, render.done -> candidate.approved, candidate.rejected, approval.asked, render.requested, publish.requested"""  # noqa: E501  # one line, so that programs can read the flow from it

from __future__ import annotations

from actors.producer.core import Command, DeadEndError, after_analysis, after_ranking, after_render
from actors.producer.settings import ProducerSettings
from contracts.events import CandidateRanked, ClipAnalyzed, RenderDone
from contracts.subjects import CANDIDATE_RANKED, CLIP_ANALYZED, RENDER_DONE
from runtime.actor import Actor, Work
from runtime.channels import Channels
from runtime.claims import Claims
from runtime.errors import Reject


def build(*, settings: ProducerSettings, channels: Channels, claims: Claims) -> Actor:
    """The producer: the policies of `core`, applied to the channel that an event belongs to."""
    actor = Actor("producer", slots=settings.producer_slots)

    @actor.listen(CANDIDATE_RANKED)
    async def on_candidate_ranked(ranked: CandidateRanked, work: Work) -> None:
        claim = await claims.take(f"decided/{ranked.channel_id}/{ranked.candidate.candidate_id}", work.event.id)
        if claim.owner != work.event.id:
            return  # found again: it was decided when it was found first
        if claim.step != "decided":
            # Written down before it is said: a redelivery says the same, even after the rules were changed.
            decision = after_ranking(await channels.get(ranked.channel_id), ranked)
            claim = await claims.advance(claim, "decided", **decision.noted())
        await _say(work, Command.from_note(claim.data))

    @actor.listen(CLIP_ANALYZED)
    async def on_clip_analyzed(analyzed: ClipAnalyzed, work: Work) -> None:
        channel = await channels.get(analyzed.order.channel_id)
        try:
            commands = after_analysis(channel, analyzed)
        except DeadEndError as end:
            raise Reject(end.what, advice=end.advice, field=end.field) from None
        await _say(work, *commands)

    @actor.listen(RENDER_DONE)
    async def on_render_done(done: RenderDone, work: Work) -> None:
        channel = await channels.get(done.channel_id)
        await _say(work, *after_render(channel, done))

    return actor


async def _say(work: Work, *commands: Command) -> None:
    for command in commands:
        await work.emit(command.subject, command.data, once=command.once)
