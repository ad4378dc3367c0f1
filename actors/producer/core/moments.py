"""Which moments of a clip become shorts, in which recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actors.producer.core.command import Command, DeadEndError, is_rule
from actors.producer.core.cuts import Cut, cuts_of
from actors.producer.core.wording import listed, number, shortened
from contracts.events import ClipAnalyzed, RenderRequested
from contracts.renders import Recipe
from contracts.sight import Moment
from contracts.subjects import RENDER_REQUESTED
from contracts.text import clock
from contracts.work import Channel

__all__ = ["Choice", "after_analysis", "chosen"]

_TITLE_LENGTH = 300
"""As long as `RenderRequested.title` may be."""
_REASON_LENGTH = 1000
"""As long as `RenderRequested.reason` may be. Fifty orders are in one claim, and a bucket takes 1 MiB at most."""
_PASSED_LENGTH = 400
_PASSED_TOLD = 3


@dataclass(frozen=True)
class Choice:
    """`moments` to render, best first; `passed`: those that would be among them, had they not been ordered already."""

    moments: tuple[Moment, ...]
    passed: tuple[Moment, ...] = ()
    ordered_from: frozenset[str] = frozenset()
    """Clips that the shorts of `passed` were ordered from."""


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
    recipe, choice = _recipe(channel, analyzed), chosen(channel, analyzed, cuts)
    return [
        Command(
            RENDER_REQUESTED,
            RenderRequested(
                clip_id=analyzed.clip.clip_id,
                start=moment.start,
                end=moment.end,
                recipe=recipe.shown_as(moment.direction),
                channel_id=analyzed.order.channel_id,
                title=shortened(moment.title, _TITLE_LENGTH),
                reason=_reason(moment, choice),
                requested_by="rule:best_moments",
            ),
        )
        for moment in choice.moments
    ]


def chosen(channel: Channel, analyzed: ClipAnalyzed, cuts: Sequence[Cut] = ()) -> Choice:
    """The best moments: as many as the order asked for, else as the channel makes at most.

    An order with a number is a person's word, so `min_score` of the channel holds only without one, and only without
    one nothing is taken that was ordered already. The same span twice (in whole milliseconds, as ids count) is one
    moment. Raises `DeadEndError` if none is left.
    """
    order, clip_id = analyzed.order, analyzed.clip.clip_id
    most = order.clips or channel.clips
    spans: dict[tuple[int, int], Moment] = {}
    for moment in _good(channel, analyzed):
        spans.setdefault((round(moment.start * 1000), round(moment.end * 1000)), moment)
    if order.clips is not None:
        return Choice(tuple(spans.values())[:most])
    before = {span: cuts_of(moment, clip_id, cuts) for span, moment in spans.items()}
    fresh = [moment for span, moment in spans.items() if not before[span]]
    if not fresh:
        raise DeadEndError(
            f"every moment of {clip_id} that is good enough was ordered already, from "
            f"{listed({cut.clip_id for some in before.values() for cut in some})}",
            "Nothing, if one short of it is enough; to have it all the same, approve the video with a number of "
            "`clips`, or send render.requested with clip_id, start and end",
        )
    passed = [span for span in list(spans)[:most] if before[span]]
    return Choice(
        tuple(fresh[:most]),
        tuple(spans[span] for span in passed),
        frozenset(cut.clip_id for span in passed for cut in before[span]),
    )


def _good(channel: Channel, analyzed: ClipAnalyzed) -> list[Moment]:
    """The moments that are good enough, best first. Raises `DeadEndError` if none is."""
    order, clip_id = analyzed.order, analyzed.clip.clip_id
    ranked = sorted(analyzed.moments, key=lambda moment: (-moment.score, moment.start, moment.end))
    if not ranked:
        raise DeadEndError(
            analyzed.reason or f"no moment of {clip_id} can stand alone ({analyzed.method} found none)",
            "Ask for a span of it yourself: render.requested with clip_id, start and end",
        )
    good = ranked if order.clips is not None else [moment for moment in ranked if moment.score >= channel.min_score]
    if not good:
        raise DeadEndError(
            f"the best moment of {clip_id} scores {number(ranked[0].score)}, "
            f"and the channel {channel.channel_id!r} renders from {number(channel.min_score)}",
            "Lower `min_score` of the channel, or approve the video with a number of `clips`",
        )
    return good


def _reason(moment: Moment, choice: Choice) -> str:
    """Why this moment; and which ones are not made although they were among the best."""
    if not choice.passed:
        return shortened(moment.reason, _REASON_LENGTH)
    spans = ", ".join(f"{clock(each.start)} to {clock(each.end)}" for each in choice.passed[:_PASSED_TOLD])
    more = f" and {len(choice.passed) - _PASSED_TOLD} more" if len(choice.passed) > _PASSED_TOLD else ""
    passed = shortened(f"Left out: {spans}{more}, ordered already from {listed(choice.ordered_from)}", _PASSED_LENGTH)
    why = shortened(moment.reason, _REASON_LENGTH - len(passed) - 2).rstrip(".")
    return f"{why}. {passed}" if why else passed


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
