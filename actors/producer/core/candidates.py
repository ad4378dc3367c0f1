"""What the rules of a channel say about a candidate and its score."""

from __future__ import annotations

from actors.producer.core.command import Command
from actors.producer.core.wording import number
from contracts.events import ApprovalAsked, CandidateApproved, CandidateRanked, CandidateRejected
from contracts.subjects import APPROVAL_ASKED, CANDIDATE_APPROVED, CANDIDATE_REJECTED
from contracts.work import Channel

__all__ = ["after_ranking"]


def after_ranking(channel: Channel, ranked: CandidateRanked, *, rejected: bool = False) -> list[Command]:
    """Approve, reject, or ask: what the rules of the channel say about a candidate and its score.

    Nothing about one that a person `rejected`: what is to be said of it has been said.
    """
    return [] if rejected else [_verdict(channel, ranked)]


def _verdict(channel: Channel, ranked: CandidateRanked) -> Command:
    rules, candidate = channel.rules, ranked.candidate
    if candidate.source in rules.approve_sources:
        return _approve(ranked, f"rule:approve_sources={candidate.source}")
    if rules.approve_from is not None and ranked.score >= rules.approve_from:
        return _approve(ranked, f"rule:approve_from={rules.approve_from:g}")
    if ranked.score < rules.reject_below:
        rejected = CandidateRejected(
            candidate_id=candidate.candidate_id,
            reason=f"its score {number(ranked.score)} is below {number(rules.reject_below)}, "
            f"`reject_below` of the channel {channel.channel_id!r}",
            rejected_by=f"rule:reject_below={rules.reject_below:g}",
        )
        return Command(CANDIDATE_REJECTED, rejected)
    asked = ApprovalAsked(
        about="candidate",
        id=candidate.candidate_id,
        channel_id=ranked.channel_id,
        title=candidate.title,
        reason=_why_ask(channel, ranked.score),
        yes="candidate.approved",
        no="candidate.rejected",
    )
    return Command(APPROVAL_ASKED, asked)


def _approve(ranked: CandidateRanked, rule: str) -> Command:
    approved = CandidateApproved(
        candidate_id=ranked.candidate.candidate_id,
        channel_id=ranked.channel_id,
        niche=ranked.niche,
        approved_by=rule[:200],
    )
    return Command(CANDIDATE_APPROVED, approved)


def _why_ask(channel: Channel, score: float) -> str:
    rules, name = channel.rules, channel.channel_id
    if rules.approve_from is None:
        return f"the channel {name!r} approves nothing by itself; the score is {number(score)}"
    return (
        f"its score {number(score)} is under {number(rules.approve_from)}, "
        f"from which the channel {name!r} approves, "
        f"and not under {number(rules.reject_below)}, below which it rejects"
    )
