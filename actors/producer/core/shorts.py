"""Where a finished short goes, and what a person is asked about it."""

from __future__ import annotations

from actors.producer.core.command import Command, is_rule
from contracts.events import ApprovalAsked, PublishRequested, RenderDone
from contracts.media import Rights
from contracts.publishing import PublishWish
from contracts.subjects import APPROVAL_ASKED, PUBLISH_REQUESTED
from contracts.work import Channel, Rules

__all__ = ["LOCAL_PLATFORMS", "after_render", "rights_allow"]

LOCAL_PLATFORMS = frozenset({"outbox"})
"""Platforms that show nothing to anybody: folders of this machine. What goes there needs no rights."""


def after_render(channel: Channel, done: RenderDone, *, rejected: bool = False) -> list[Command]:
    """Publish a finished short on the accounts that it was ordered for, else on those of its channel.

    What a person ordered is published as they said. Ask about accounts that no rule decides. Nothing of the kind for a
    short that a person `rejected`.
    """
    if rejected:
        return []
    render, rules, wish = done.render, channel.rules, done.publish or PublishWish(requested_by="rule:render")
    ordered = not is_rule(wish.requested_by)
    commands: list[Command] = []
    unsure: list[str] = []
    barred = False
    for account in dict.fromkeys(channel.targets if done.accounts is None else done.accounts):
        allowed = account.partition(":")[0] in LOCAL_PLATFORMS or rights_allow(rules, render.rights)
        if ordered or (allowed and rules.publish == "always"):
            request = PublishRequested(
                render_id=render.render_id,
                account_id=account,
                channel_id=done.channel_id,
                description=wish.description,
                publish_at=wish.publish_at,
                vouch=ordered and wish.vouch,
                requested_by=wish.requested_by if ordered else f"rule:publish={rules.publish}",
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
