"""Routes that send commands, and the one that has a post taken down."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter

from contracts import asks
from contracts.events import (
    CandidateApproved,
    CandidateRejected,
    DiscoveryRequested,
    PublishRequested,
    RenderRejected,
    RenderRequested,
)
from contracts.ids import publication_id
from contracts.permissions import COMMANDS
from contracts.subjects import (
    CANDIDATE_APPROVED,
    CANDIDATE_REJECTED,
    DISCOVERY_REQUESTED,
    PUBLISH_REQUESTED,
    RENDER_REJECTED,
    RENDER_REQUESTED,
)
from gateway.http.bodies import JsonBody, MaybeJsonBody, documented
from gateway.http.commands import command_named
from gateway.http.context import Context, IdempotencyKey, TheContext
from gateway.http.problems import ProblemError
from gateway.http.views import Accepted, PublicationAccepted, PublicationView
from gateway.http.who import ThePrincipal, forbidden, needs
from gateway.users.principal import Principal

__all__ = ["router"]

router = APIRouter(tags=["commands"])
_PATIENCE_S = 90.0  # a platform may take a while
Scans = Annotated[Principal, needs("scans:write")]
Decides = Annotated[Principal, needs("candidates:write")]
Renders = Annotated[Principal, needs("renders:write")]
Publishes = Annotated[Principal, needs("publications:write")]

_ANYTHING = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}}


@router.post("/events/{subject}", status_code=202, openapi_extra=_ANYTHING)
async def send_command(
    subject: str, body: JsonBody, context: TheContext, by: ThePrincipal, key: IdempotencyKey = None
) -> Accepted:
    """Send any command; the body is its contract."""
    command = command_named(subject)
    if not by.may(COMMANDS[subject]):
        raise forbidden(by, COMMANDS[subject])
    return await context.commands.send(command, body, key, by)


@router.post("/discovery/scan", status_code=202, openapi_extra=documented(DiscoveryRequested))
async def scan(body: JsonBody, context: TheContext, by: Scans, key: IdempotencyKey = None) -> Accepted:
    """Look for videos about a niche. The job is the scan: how each source answered."""
    return await context.commands.send(DISCOVERY_REQUESTED, body, key, by)


@router.post("/candidates/{candidate_id}/approve", status_code=202, openapi_extra=documented(CandidateApproved))
async def approve(
    candidate_id: str, context: TheContext, by: Decides, body: MaybeJsonBody, key: IdempotencyKey = None
) -> Accepted:
    """Make shorts of a candidate. The body may say how many, in which recipe, and vouch for the rights."""
    return await _decide(CANDIDATE_APPROVED, "candidate_id", candidate_id, context, body, key, by)


@router.post("/candidates/{candidate_id}/reject", status_code=202, openapi_extra=documented(CandidateRejected))
async def reject(
    candidate_id: str, context: TheContext, by: Decides, body: MaybeJsonBody, key: IdempotencyKey = None
) -> Accepted:
    """Make no shorts of a candidate."""
    return await _decide(CANDIDATE_REJECTED, "candidate_id", candidate_id, context, body, key, by)


@router.post("/renders/{render_id}/reject", status_code=202, openapi_extra=documented(RenderRejected))
async def reject_render(
    render_id: str, context: TheContext, by: Renders, body: MaybeJsonBody, key: IdempotencyKey = None
) -> Accepted:
    """A finished short is not to be published."""
    return await _decide(RENDER_REJECTED, "render_id", render_id, context, body, key, by)


@router.post("/renders", status_code=202, openapi_extra=documented(RenderRequested))
async def render(body: JsonBody, context: TheContext, by: Renders, key: IdempotencyKey = None) -> Accepted:
    """Make a short of a span of a clip."""
    await _known(context, by, "clip", body.get("clip_id"))
    return await context.commands.send(RENDER_REQUESTED, body, key, by)


@router.post(
    "/publications",
    status_code=202,
    response_model_exclude_none=True,
    openapi_extra=documented(PublishRequested),
)
async def publish(
    body: JsonBody, context: TheContext, by: Publishes, key: IdempotencyKey = None
) -> PublicationAccepted:
    """Publish a finished short on an account; once, however often it is asked for."""
    await _known(context, by, "render", body.get("render_id"))
    accepted = await context.commands.send(PUBLISH_REQUESTED, body, key, by)
    row = await context.reads.one("publication", publication_id(body["render_id"], body["account_id"]), owner=by.sees)
    there = PublicationView.model_validate(row).publication if row else None
    return PublicationAccepted(**accepted.model_dump(), out_at=there.url if there else None)


@router.delete("/publications/{publication_id}")
async def take_down(publication_id: str, context: TheContext, by: Publishes) -> asks.Deleted:
    """Take a post down from its platform. That it was published stays written down, so it is not published again."""
    await context.ownership.known("publication", publication_id, by.sees)
    row = await context.reads.one("publication", publication_id, owner=by.sees) or {}
    publication = PublicationView.model_validate(row).publication if row else None
    if publication is None:
        raise ProblemError(
            409,
            f"{publication_id} is not out, as far as is known",
            advice="Only what is `done` can be taken down",
        )
    await context.ownership.account(by.sees, publication.account_id)
    post = asks.WhichPost(account_id=publication.account_id, platform_id=publication.platform_id)
    return await context.bus.ask(asks.DELETE, post, within=_PATIENCE_S)


async def _decide(
    subject: Any, field: str, ident: str, context: TheContext, body: dict[str, Any], key: str | None, by: Principal
) -> Accepted:
    if body.get(field, ident) != ident:
        raise ProblemError(422, f"{field}: the body names another one than the address", field=field)
    if by.sees is None or "url" in body:  # whoever points at a video is asked for no candidate when it is admitted
        await context.ownership.known(field.removesuffix("_id"), ident, by.sees)
    return await context.commands.send(subject, {**body, field: ident}, key, by)


async def _known(context: Context, by: Principal, table: str, key: Any) -> None:
    """What an admin names is there, too; of users it is asked when the command is admitted."""
    if by.sees is None and isinstance(key, str):
        await context.ownership.known(table, key, None)
