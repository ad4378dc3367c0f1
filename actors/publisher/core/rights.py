"""Whether a short may be published (promise 5): by a rule of the channel, or because a person vouches."""

from __future__ import annotations

from contracts.events import PublishRequested
from contracts.renders import Render
from contracts.work import Channel

__all__ = ["LOCAL", "barred"]

LOCAL = frozenset({"outbox"})
"""Platforms that show nothing to anybody: folders of this machine. What goes there needs no rights."""


def barred(render: Render, request: PublishRequested, channel: Channel) -> str | None:
    """Why it may not be published; none: it may."""
    rights, allowed = render.rights, channel.rules.rights
    if request.account_id.partition(":")[0] in LOCAL or "any" in allowed or rights.status in allowed:
        return None
    if rights.vouched_by is not None or (request.vouch and not request.requested_by.startswith("rule:")):
        return None
    return (
        f"the rights of {render.clip_id} are {rights.status!r} and nobody has vouched for them; "
        f"the channel {channel.channel_id!r} publishes by itself: {', '.join(allowed) or 'nothing'}"
    )
