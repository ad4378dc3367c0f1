"""Every policy of Clipwire: pure functions from (channel, event) to commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.events import (
    ApprovalAsked,
    CandidateApproved,
    CandidateRanked,
    CandidateRejected,
    ClipAnalyzed,
    PublishRequested,
    RenderDone,
    RenderRequested,
)
from contracts.media import Rights
from contracts.renders import Recipe
from contracts.sight import Moment, SeenBefore
from contracts.subjects import (
    APPROVAL_ASKED,
    BY_NAME,
    CANDIDATE_APPROVED,
    CANDIDATE_REJECTED,
    PUBLISH_REQUESTED,
    RENDER_REQUESTED,
    Subject,
)
from contracts.work import Channel, Rules

__all__ = [
    "Command",
    "Cut",
    "DeadEndError",
    "after_analysis",
    "after_ranking",
    "after_render",
    "cuts_by_clip",
    "cuts_here",
    "is_rule",
    "moments_to_render",
    "rights_allow",
]

LOCAL_PLATFORMS = frozenset({"outbox"})
"""Platforms that show nothing to anybody: folders of this machine. What goes there needs no rights."""

_TITLE_LENGTH = 300
"""As long as `RenderRequested.title` may be."""
OVERLAP = 1.0
"""Seconds that two shorts may share; a stretch that was seen before is known to about half a second."""
_REASON_LENGTH = 1000
"""Fifty orders are written down in one claim, and a value of a bucket has at most 1 MiB."""


@dataclass(frozen=True)
class Command:
    """Something to say on the bus."""

    subject: Subject[Any]
    data: Any

    def noted(self) -> dict[str, Any]:
        """As JSON values, to be kept in a claim."""
        return {"subject": self.subject.name, "data": self.data.model_dump(mode="json")}

    @classmethod
    def from_note(cls, note: dict[str, Any]) -> Command:
        """The command that `noted` wrote down."""
        subject = BY_NAME[note["subject"]]
        return cls(subject, subject.model.model_validate(note["data"]))


class DeadEndError(Exception):
    """The event leads nowhere: `what` happened, as `advice` what to do, and the `field` that is wrong."""

    def __init__(self, what: str, advice: str, field: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.field = field


@dataclass(frozen=True)
class Cut:
    """A span that a short was ordered of, in seconds of one clip; `clip_id` names the clip that it was ordered from."""

    start: float
    end: float
    clip_id: str


def is_rule(who: str) -> bool:
    """Whether a rule of a channel decided, and no person."""
    return who.startswith("rule:")


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
            reason=f"its score {_number(ranked.score)} is below {_number(rules.reject_below)}, "
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


def after_analysis(
    channel: Channel, analyzed: ClipAnalyzed, *, rejected: bool = False, cuts: Sequence[Cut] = ()
) -> list[Command]:
    """The moments of a clip that become shorts, best first. Raises `DeadEndError` if none does.

    None does if a person `rejected` what only a rule approved; the order of a person stands. `cuts`: what the channel
    has ordered of this clip before, and of others as far as it is in this one too.
    """
    if rejected and is_rule(analyzed.order.approved_by):
        raise DeadEndError(
            f"{analyzed.clip.clip_id} was rejected, and {analyzed.order.approved_by} alone had approved it",
            "Nothing, if the rejection was meant; to have its shorts all the same, send candidate.approved for it",
        )
    recipe = _recipe(channel, analyzed)
    return [
        Command(
            RENDER_REQUESTED,
            RenderRequested(
                clip_id=analyzed.clip.clip_id,
                start=moment.start,
                end=moment.end,
                recipe=recipe.shown_as(moment.direction),
                channel_id=analyzed.order.channel_id,
                title=_shortened(moment.title, _TITLE_LENGTH),
                reason=_shortened(moment.reason, _REASON_LENGTH),
                requested_by="rule:best_moments",
            ),
        )
        for moment in moments_to_render(channel, analyzed, cuts)
    ]


def moments_to_render(channel: Channel, analyzed: ClipAnalyzed, cuts: Sequence[Cut] = ()) -> list[Moment]:
    """The best moments, best first: as many as the order asked for, else as the channel makes at most.

    An order with a number is a person's word, so `min_score` of the channel holds only without one, and only without
    one nothing is taken that was cut already. The same span twice (in whole milliseconds, as ids count) is one moment.
    Raises `DeadEndError` if none is left.
    """
    order, clip_id = analyzed.order, analyzed.clip.clip_id
    ranked = sorted(analyzed.moments, key=lambda moment: (-moment.score, moment.start, moment.end))
    if not ranked:
        raise DeadEndError(
            f"no moment of {clip_id} can stand alone ({analyzed.method} found none)",
            "Ask for a span of it yourself: render.requested with clip_id, start and end",
        )
    good = ranked if order.clips is not None else [moment for moment in ranked if moment.score >= channel.min_score]
    if not good:
        raise DeadEndError(
            f"the best moment of {clip_id} scores {_number(ranked[0].score)}, "
            f"and the channel {channel.channel_id!r} renders from {_number(channel.min_score)}",
            "Lower `min_score` of the channel, or approve the video with a number of `clips`",
        )
    spans: dict[tuple[int, int], Moment] = {}
    for moment in good:
        spans.setdefault((round(moment.start * 1000), round(moment.end * 1000)), moment)
    fresh = [moment for moment in spans.values() if order.clips is not None or not _cut_before(moment, clip_id, cuts)]
    if not fresh:
        raise DeadEndError(
            f"every moment of {clip_id} that is good enough was cut already, from "
            f"{_listed({cut.clip_id for moment in good for cut in _cut_before(moment, clip_id, cuts)})}",
            "Nothing, if one short of it is enough; to have it all the same, approve the video with a number of "
            "`clips`, or send render.requested with clip_id, start and end",
        )
    return fresh[: order.clips or channel.clips]


def _cut_before(moment: Moment, clip_id: str, cuts: Iterable[Cut]) -> list[Cut]:
    """Cuts that show what the moment shows. The very same span of the same clip is the same order, no second cut."""
    return [
        cut
        for cut in cuts
        if min(cut.end, moment.end) - max(cut.start, moment.start) > OVERLAP
        and (cut.clip_id, round(cut.start, 3), round(cut.end, 3))
        != (clip_id, round(moment.start, 3), round(moment.end, 3))
    ]


def cuts_here(cuts: Iterable[Cut], seen: SeenBefore) -> list[Cut]:
    """Cuts of the other clip, in seconds of the one in which it was `seen`."""
    shift = seen.start - seen.other_start
    return [
        Cut(max(seen.start, cut.start + shift), min(seen.end, cut.end + shift), cut.clip_id)
        for cut in cuts
        if cut.start + shift < seen.end and cut.end + shift > seen.start
    ]


def cuts_by_clip(clip_id: str, seen: Sequence[SeenBefore], commands: Sequence[Command]) -> dict[str, list[Cut]]:
    """What is ordered now of a clip, and where that is in the clips in which it was `seen` before."""
    orders = [command.data for command in commands if isinstance(command.data, RenderRequested)]
    own = [Cut(order.start, order.end, clip_id) for order in orders]
    cuts = {clip_id: own} if own else {}
    for each in seen:
        length = each.end - each.start
        back = SeenBefore(
            clip_id=clip_id, start=each.other_start, end=each.other_start + length, other_start=each.start, by=each.by
        )
        if there := cuts_here(own, back):
            cuts[each.clip_id] = [*cuts.get(each.clip_id, []), *there]
    return cuts


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def after_render(channel: Channel, done: RenderDone, *, rejected: bool = False) -> list[Command]:
    """Publish a finished short on the accounts of its channel; ask about those that no rule decides.

    Neither for one that a person `rejected`.
    """
    if rejected:
        return []
    render, rules = done.render, channel.rules
    commands: list[Command] = []
    unsure: list[str] = []
    barred = False
    for account in dict.fromkeys(channel.targets):
        allowed = account.partition(":")[0] in LOCAL_PLATFORMS or rights_allow(rules, render.rights)
        if allowed and rules.publish == "always":
            request = PublishRequested(
                render_id=render.render_id,
                account_id=account,
                channel_id=done.channel_id,
                requested_by=f"rule:publish={rules.publish}",
            )
            commands.append(Command(PUBLISH_REQUESTED, request))
        else:
            unsure.append(account)
            barred = barred or not allowed
    if unsure:
        commands.append(_ask_about(channel, done, tuple(unsure), barred=barred))
    return commands


def rights_allow(rules: Rules, rights: Rights) -> bool:
    """Whether a video with these rights may be published without asking."""
    return "any" in rules.rights or rights.status in rules.rights or rights.vouched_by is not None


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
        return f"the channel {name!r} approves nothing by itself; the score is {_number(score)}"
    return (
        f"its score {_number(score)} is under {_number(rules.approve_from)}, "
        f"from which the channel {name!r} approves, "
        f"and not under {_number(rules.reject_below)}, below which it rejects"
    )


def _recipe(channel: Channel, analyzed: ClipAnalyzed) -> Recipe:
    name = analyzed.order.recipe or channel.recipe
    recipes = {recipe.name: recipe for recipe in channel.recipes}
    if name not in recipes:
        known = ", ".join(sorted(recipes)) or "none"
        raise DeadEndError(
            f"the channel {channel.channel_id!r} has no recipe {name!r}",
            f"Use one that it has ({known}), or add it to the channel",
            "order.recipe" if analyzed.order.recipe else None,
        )
    return recipes[name]


def _ask_about(channel: Channel, done: RenderDone, accounts: tuple[str, ...], *, barred: bool) -> Command:
    render, rules = done.render, channel.rules
    reasons = []
    if barred:
        may = ", ".join(rules.rights) or "nothing"
        reasons.append(
            f"the rights of {render.clip_id} are {render.rights.status!r} and nobody has vouched for them; "
            f"the channel {channel.channel_id!r} publishes by itself: {may}"
        )
    if rules.publish == "ask":
        reasons.append(f"the channel {channel.channel_id!r} asks before it publishes")
    asked = ApprovalAsked(
        about="render",
        id=render.render_id,
        channel_id=done.channel_id,
        title=render.title,
        reason="; ".join(reasons),
        yes="publish.requested",
        no="render.rejected",
        accounts=accounts,
    )
    return Command(APPROVAL_ASKED, asked)


def _shortened(text: str, length: int) -> str:
    text = text.strip()
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    words = cut.rpartition(" ")[0] or cut
    return f"{words}…"


def _number(value: float) -> str:
    """A score with as many digits as it takes: 0.5 is `0.5`, and 0.4999 is never shown as 0.5."""
    return f"{value:.4g}"
