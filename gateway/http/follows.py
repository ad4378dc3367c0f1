"""YouTube channels that are followed, and what the hub tells of them (WebSub)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import uuid5

import structlog
from fastapi import APIRouter, Path, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, PlainTextResponse, Response

from contracts.base import ChannelId
from contracts.events import CandidateApproved
from contracts.ids import NAMESPACE
from contracts.subjects import CANDIDATE_APPROVED
from gateway.hooks.websub import Entry, InvalidFeedError, entries, signed, topic
from gateway.http.bodies import body, documented
from gateway.http.context import Context, Cursor, Limit, TheContext
from gateway.http.problems import ProblemError
from gateway.http.views import Page, View, paged
from gateway.http.who import Sees, needs
from gateway.users.errors import ForeignError
from gateway.users.principal import OPERATOR, Principal
from runtime.bus import new_command

__all__ = ["hub_router", "router"]

log = structlog.get_logger(__name__)

router = APIRouter(tags=["webhooks"])
hub_router = APIRouter(tags=["webhooks"])
"""Without a token: the hub knows the id, and signs what it tells."""
FollowId = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,64}$", description="id of what is followed")]
# A hub tells of changes, too. What was published before somebody followed is none of theirs; clocks may differ.
_BEFORE = timedelta(hours=1)
_LONGEST_LEASE_S = 90 * 24 * 3600.0


class FollowOrder(BaseModel):
    """Make shorts of every new video of a YouTube channel."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"youtube_id": "UC_x5XG1OV2P6uZZ5FSM9Ttw", "channel_id": "default"}]}
    )

    youtube_id: Annotated[str, Field(pattern=r"^UC[A-Za-z0-9_-]{22}$", description="id of the YouTube channel")]
    channel_id: ChannelId = "default"
    niche: Annotated[str, Field(max_length=500)] = ""
    clips: Annotated[int | None, Field(ge=1, le=50, description="shorts of each; absent: as the channel says")] = None


class FollowView(View):
    """What is followed, and whether the hub tells of it."""

    follow_id: str
    owner: Annotated[str | None, Field(description="absent: the operator's")] = None
    youtube_id: Annotated[str, Field(examples=["UC_x5XG1OV2P6uZZ5FSM9Ttw"])]
    channel_id: str
    niche: str
    clips: int | None = None
    made_at: AwareDatetime
    confirmed_at: Annotated[AwareDatetime | None, Field(description="when the hub said last that it will tell")] = None
    leased_until: Annotated[AwareDatetime | None, Field(description="it is asked again before")] = None
    heard_at: Annotated[AwareDatetime | None, Field(description="when it told of a video last")] = None
    error: Annotated[str | None, Field(description="why the hub does not tell")] = None


@router.get("/follows", dependencies=[needs("webhooks:read")])
async def follows(context: TheContext, sees: Sees, before: Cursor, limit: Limit = 50) -> Page[FollowView]:
    """YouTube channels that are followed, newest first."""
    rows = await context.hooks.follows.page(before, limit + 1, sees)
    return paged(FollowView, rows, limit)


@router.get("/follows/{follow_id}", dependencies=[needs("webhooks:read")])
async def one_follow(follow_id: FollowId, context: TheContext, sees: Sees) -> FollowView:
    """One of them."""
    return FollowView.model_validate(await _row(context, follow_id, sees))


@router.post(
    "/follows",
    status_code=201,
    response_model=FollowView,
    responses={409: {}},
    dependencies=[needs("candidates:write")],
    openapi_extra=documented(FollowOrder),
)
async def follow(
    context: TheContext,
    by: Annotated[Principal, needs("webhooks:write")],
    order: Annotated[FollowOrder, body(FollowOrder)],
) -> Response:
    """Every new video of a YouTube channel becomes `candidate.approved`, as if whoever follows had sent its address.

    YouTube's hub must be able to reach this door: CLIPWIRE_HTTP_PUBLIC_URL says where.
    """
    if context.settings.http_public_url is None:
        raise ProblemError(
            409,
            "nobody in the internet knows where to reach this door",
            advice="Set CLIPWIRE_HTTP_PUBLIC_URL to the address under which YouTube's hub can reach it",
        )
    wish = order.model_dump()
    if by.user is not None and by.sees is not None:
        wish["channel_id"] = (await context.ownership.channel(order.channel_id, by.user)).channel_id
    ident = await context.hooks.follows.make(by.owner, by.name, context.settings.http_public_url, **wish)
    made = FollowView.model_validate(await _row(context, ident, None))
    headers = {"Location": f"/api/v1/follows/{ident}"}
    return JSONResponse(made.model_dump(mode="json", exclude_none=True), 201, headers)


@router.delete("/follows/{follow_id}", status_code=204, dependencies=[needs("webhooks:write")])
async def unfollow(follow_id: FollowId, context: TheContext, sees: Sees) -> None:
    """Follow it no more."""
    await _row(context, follow_id, sees)
    await context.hooks.follows.end(follow_id)


@hub_router.get("/hooks/youtube/{follow_id}", response_class=PlainTextResponse)
async def verify(follow_id: FollowId, request: Request, context: TheContext) -> Response:
    """The hub asks whether we want this: the challenge is given back for what was asked for, and for nothing else."""
    query = request.query_params
    row = await context.hooks.follows.known(follow_id)
    if row is None or query.get("hub.topic") != topic(row["youtube_id"]):
        raise _unknown(follow_id)
    mode, challenge = query.get("hub.mode"), query.get("hub.challenge", "")
    if mode == "denied":
        await context.hooks.follows.denied(
            follow_id, f"the hub refuses: {query.get('hub.reason', 'it does not say why')}"[:300]
        )
        return PlainTextResponse("")
    if not challenge or mode != ("unsubscribe" if row["ended"] else "subscribe"):
        raise _unknown(follow_id)
    if row["ended"]:
        await context.hooks.follows.removed(follow_id)
    else:
        await context.hooks.follows.confirmed(follow_id, _lease(query.get("hub.lease_seconds", "")))
    return PlainTextResponse(challenge)


@hub_router.post(
    "/hooks/youtube/{follow_id}", status_code=202, response_class=PlainTextResponse, responses={410: {}, 413: {}}
)
async def hear(follow_id: FollowId, request: Request, context: TheContext) -> Response:
    """The hub tells of videos. What is not signed with our secret is taken and ignored (WebSub, section 7.1.1)."""
    row = await context.hooks.follows.known(follow_id)
    if row is None or row["ended"]:
        raise ProblemError(410, f"nobody follows {follow_id!r} (any more)", advice="Send nothing more here")
    told = await request.body()
    if not signed(context.hooks.follows.secret(row), told, request.headers.get("x-hub-signature")):
        log.warning("follow.not_signed", follow=follow_id)
        return PlainTextResponse("", 202)
    try:
        videos = list(entries(told))
    except InvalidFeedError as error:
        log.warning("follow.no_feed", follow=follow_id, error=str(error))
        return PlainTextResponse("", 202)
    for video in videos:
        await _approve(context, row, video)
    await context.hooks.follows.heard(follow_id)
    return PlainTextResponse("", 202)


async def _approve(context: Context, row: dict[str, Any], video: Entry) -> None:
    """Once for each video, however often it is told of; as if whoever follows had sent its address now."""
    if video.youtube_id != row["youtube_id"] or video.published < row["made_at"] - _BEFORE:
        return
    user = await context.identities.users.get(row["owner"]) if row["owner"] is not None else None
    by = OPERATOR if row["owner"] is None else Principal(user, "token") if user is not None else None
    if by is None or not by.may("candidates:write"):
        return
    chosen = {"channel_id": row["channel_id"], "niche": row["niche"], "clips": row["clips"]}
    data = CandidateApproved(url=video.url, approved_by=row["approved_by"], **chosen)
    try:
        data, owner = await context.ownership.admit(data, by)
    except ForeignError as error:
        await context.hooks.follows.denied(row["follow_id"], error.what)
        return
    ident = str(uuid5(NAMESPACE, f"websub|{row['follow_id']}|{video.video_id}"))
    await context.bus.publish(new_command(CANDIDATE_APPROVED, data, source="gateway", id=ident, owner=owner))


async def _row(context: Context, follow_id: str, sees: str | None) -> dict[str, Any]:
    row = await context.hooks.follows.one(follow_id, sees)
    if row is None:
        raise ProblemError(404, f"nothing is followed as {follow_id!r}", advice="See GET /api/v1/follows")
    return row


def _unknown(follow_id: str) -> ProblemError:
    return ProblemError(404, f"this was not asked for as {follow_id!r}")


def _lease(text: str) -> float:
    told = float(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0.0
    return min(told or 24 * 3600.0, _LONGEST_LEASE_S)
