"""Channels: what a person runs. Each has an owner; the channel `default` of a user is their own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from contracts.work import Channel
from gateway.http.bodies import JsonBody, documented, fitting
from gateway.http.context import Context, TheContext
from gateway.http.problems import ProblemError
from gateway.http.views import Page
from gateway.http.who import Sees, needs
from gateway.users.ownership import no_foreign_media, of_owner
from gateway.users.principal import Principal

__all__ = ["router"]

router = APIRouter(prefix="/channels", tags=["channels"])
Ident = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Writer = Annotated[Principal, needs("channels:write")]


@router.get("", dependencies=[needs("channels:read")])
async def channels(context: TheContext, sees: Sees) -> Page[Channel]:
    """Every channel, the default one first."""
    return Page(items=[channel for channel in await context.channels.all() if of_owner(channel.owner, sees)])


@router.get("/{channel_id}")
async def channel(channel_id: Ident, context: TheContext, by: Annotated[Principal, needs("channels:read")]) -> Channel:
    """One channel."""
    return await _there(context, channel_id, by)


@router.put("/{channel_id}", openapi_extra=documented(Channel))
async def put(channel_id: Ident, context: TheContext, by: Writer, body: JsonBody) -> Channel:
    """Make a channel, or replace one. What the body leaves out is as in a new channel.

    It goes to accounts of its owner, who is whoever made it, and to `outbox:` with their id where it names none. With
    `"owner": null` an admin makes it the operator's, and that goes to all.
    """
    ident = by.user.id if by.user and by.sees and channel_id == "default" else channel_id
    if body.get("channel_id", channel_id) not in (channel_id, ident):
        raise ProblemError(422, "channel_id: the body names another one than the address", field="channel_id")
    there = next((each for each in await context.channels.all() if each.channel_id == ident), None)
    # A user's id is the name of their own default channel, made or not.
    foreign = ident.startswith("u_") if there is None else not of_owner(there.owner, by.sees)
    if by.sees not in (None, ident) and foreign:
        raise ProblemError(
            409, f"the channel {channel_id!r} is taken", advice="Choose another name", field="channel_id"
        )
    owner = there.owner if there is not None else by.owner
    if by.sees is None and body.get("owner", owner) is None:
        owner = None
    own = {} if owner is None else {"targets": [f"outbox:{owner}"]}
    wanted = fitting(Channel, {**own, **body, "channel_id": ident, "owner": owner})
    if owner is not None:
        await context.ownership.account(owner, *wanted.targets)
    if by.sees is not None:
        no_foreign_media(*wanted.recipes)
    await context.channels.put(wanted)
    return wanted


@router.delete("/{channel_id}", status_code=204)
async def remove(channel_id: Ident, context: TheContext, by: Writer) -> None:
    """Forget a channel. What was ordered in it goes on as far as no rule of it is asked; `default` is as at first."""
    there = await _there(context, channel_id, by)
    await context.channels.remove(there.channel_id)


async def _there(context: Context, channel_id: str, by: Principal) -> Channel:
    """One that is seen. Raises a 404 problem."""
    if by.sees is not None and by.user is not None:
        return await context.ownership.channel(channel_id, by.user)
    for each in await context.channels.all():
        if each.channel_id == channel_id:
            return each
    raise ProblemError(404, f"there is no channel {channel_id!r}", advice="See GET /api/v1/channels")
