"""Webhooks: programs that are told what happens. See docs/webhooks.md."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from gateway.hooks.webhooks import Wish
from gateway.http.bodies import body, documented
from gateway.http.context import Context, Cursor, Limit, TheContext
from gateway.http.problems import ProblemError
from gateway.http.stream import chosen_subjects
from gateway.http.views import Page, View, paged
from gateway.http.who import Sees, needs
from gateway.users.principal import Principal
from runtime.addresses import is_private_host

__all__ = ["router"]

router = APIRouter(tags=["webhooks"])
State = Literal["on", "paused", "failing", "disabled"]
Url = Annotated[
    str,
    Field(min_length=1, max_length=2000, pattern=r"^https?://\S+$", description="where it is sent to, with POST"),
]
Subjects = Annotated[
    list[Annotated[str, Field(max_length=64)]],
    Field(max_length=50, description="`render.done`, or a family as `publish.*`; none: every event"),
]
Note = Annotated[str, Field(max_length=300, description="what it is for, for people")]


class WebhookOrder(BaseModel):
    """A webhook to be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"url": "https://n8n.example.org/webhook/clipwire", "subjects": ["render.done", "publish.*"]}]
        }
    )

    url: Url
    subjects: Subjects = []
    note: Note = ""


class WebhookChange(BaseModel):
    """What is to be another; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"subjects": ["work.failed"], "paused": False}]})

    url: Url | None = None
    subjects: Subjects | None = None
    note: Note | None = None
    paused: Annotated[
        bool | None,
        Field(
            description="true: what happens meanwhile is kept, and sent later; false: it goes on, and one that fails "
            "or was disabled begins anew"
        ),
    ] = None


class WebhookView(View):
    """A webhook, and how it fares."""

    webhook_id: str
    state: State
    owner: Annotated[str | None, Field(description="absent: the operator's")] = None
    url: str
    subjects: list[str]
    note: str
    made_at: AwareDatetime
    waiting: Annotated[int, Field(description="events that are still to arrive")]
    dead: Annotated[int, Field(description="events that were given up: see its deliveries")]
    delivered_at: Annotated[AwareDatetime | None, Field(description="when an event arrived last")] = None
    failing_since: AwareDatetime | None = None
    disabled_reason: Annotated[str | None, Field(description="why nothing is sent there any more")] = None


class NewWebhook(WebhookView):
    """The only answer that tells the secret."""

    secret: Annotated[str, Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])]


class NewSecret(BaseModel):
    """For a day the old one signs as well."""

    secret: Annotated[str, Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])]


class DeliveryView(View):
    """An event that has not arrived yet."""

    sequence: int
    event_id: str
    subject: str
    made_at: AwareDatetime
    attempts: int
    state: Annotated[
        Literal["waiting", "paused", "dead"],
        Field(description="`paused`: nothing is sent, as its webhook is paused or disabled; `dead`: it was given up"),
    ]
    next_at: Annotated[AwareDatetime | None, Field(description="when it is tried next; absent: not by itself")] = None
    tried_at: AwareDatetime | None = None
    status: Annotated[int | None, Field(description="what the receiver answered")] = None
    error: str | None = None


class Again(BaseModel):
    """How many deliveries begin anew."""

    count: int


@router.get("/webhooks", dependencies=[needs("webhooks:read")])
async def webhooks(context: TheContext, sees: Sees, before: Cursor, limit: Limit = 50) -> Page[WebhookView]:
    """Webhooks, newest first."""
    rows = await context.hooks.webhooks.page(before, limit + 1, sees)
    return paged(WebhookView, [_shown(row) for row in rows], limit)


@router.post(
    "/webhooks",
    status_code=201,
    response_model=NewWebhook,
    dependencies=[needs("events:read")],
    openapi_extra=documented(WebhookOrder),
)
async def make_webhook(
    context: TheContext,
    by: Annotated[Principal, needs("webhooks:write")],
    order: Annotated[WebhookOrder, body(WebhookOrder)],
) -> Response:
    """Be told of events from now on. The `secret` is shown once; each request is signed with it (Standard Webhooks)."""
    wish = Wish(_address(context, order.url), _subjects(order.subjects), order.note)
    place = (await context.bus.stream_state()).last
    ident, secret = await context.hooks.webhooks.make(by.owner, wish, place=place)
    made = NewWebhook.model_validate({**_shown(await _row(context, ident, None)), "secret": secret})
    headers = {"Location": f"/api/v1/webhooks/{ident}", "Cache-Control": "no-store"}
    return JSONResponse(made.model_dump(mode="json", exclude_none=True), 201, headers)


@router.get("/webhooks/{webhook_id}", dependencies=[needs("webhooks:read")])
async def webhook(webhook_id: str, context: TheContext, sees: Sees) -> WebhookView:
    """One webhook."""
    return WebhookView.model_validate(_shown(await _row(context, webhook_id, sees)))


@router.patch(
    "/webhooks/{webhook_id}",
    dependencies=[needs("events:read"), needs("webhooks:write")],
    openapi_extra=documented(WebhookChange),
)
async def change_webhook(
    webhook_id: str, context: TheContext, sees: Sees, change: Annotated[WebhookChange, body(WebhookChange)]
) -> WebhookView:
    """Change it, pause it, or begin anew with one that was disabled: `{"paused": false}` alone does that.

    What happened while it was disabled is not sent then.
    """
    there = await _row(context, webhook_id, sees)
    wish = Wish(
        there["url"] if change.url is None else _address(context, change.url),
        tuple(there["subjects"]) if change.subjects is None else _subjects(change.subjects),
        there["note"] if change.note is None else change.note,
        change.paused,
    )
    await context.hooks.webhooks.change(webhook_id, wish, place=(await context.bus.stream_state()).last)
    return WebhookView.model_validate(_shown(await _row(context, webhook_id, sees)))


@router.delete("/webhooks/{webhook_id}", status_code=204, dependencies=[needs("webhooks:write")])
async def remove_webhook(webhook_id: str, context: TheContext, sees: Sees) -> None:
    """Forget it, and what was still to be sent there."""
    await _row(context, webhook_id, sees)
    await context.hooks.webhooks.remove(webhook_id)


@router.post("/webhooks/{webhook_id}/secret", response_model=NewSecret, dependencies=[needs("webhooks:write")])
async def new_secret(webhook_id: str, context: TheContext, sees: Sees) -> Response:
    """Another secret, shown once. For a day the old one signs as well, so that nothing is missed meanwhile."""
    await _row(context, webhook_id, sees)
    secret = await context.hooks.webhooks.rotate(webhook_id)
    return JSONResponse({"secret": secret}, headers={"Cache-Control": "no-store"})


@router.get("/webhooks/{webhook_id}/deliveries", dependencies=[needs("webhooks:read")])
async def deliveries(
    webhook_id: str,
    context: TheContext,
    sees: Sees,
    before: Cursor,
    limit: Limit = 50,
    dead: Annotated[bool, Query(description="only what was given up")] = False,
) -> Page[DeliveryView]:
    """What has not arrived yet, newest first: it waits for its next attempt, or was given up."""
    await _row(context, webhook_id, sees)
    rows = await context.hooks.webhooks.deliveries(webhook_id, before, limit + 1, dead=dead)
    return paged(DeliveryView, rows, limit, place="sequence")


@router.post("/webhooks/{webhook_id}/deliveries/retry", dependencies=[needs("webhooks:write")])
async def send_all_again(webhook_id: str, context: TheContext, sees: Sees) -> Again:
    """Everything that was given up is sent again."""
    await _row(context, webhook_id, sees)
    return Again(count=await context.hooks.webhooks.send_again(webhook_id, None))


@router.post("/webhooks/{webhook_id}/deliveries/{sequence}/retry", dependencies=[needs("webhooks:write")])
async def send_again(webhook_id: str, sequence: int, context: TheContext, sees: Sees) -> Again:
    """One event that was given up is sent again."""
    await _row(context, webhook_id, sees)
    count = await context.hooks.webhooks.send_again(webhook_id, sequence) if 0 <= sequence < 1 << 63 else 0
    if not count:
        raise ProblemError(
            404, f"event {sequence} was not given up", advice=f"See GET /api/v1/webhooks/{webhook_id}/deliveries"
        )
    return Again(count=count)


async def _row(context: Context, webhook_id: str, sees: str | None) -> dict[str, Any]:
    row = await context.hooks.webhooks.one(webhook_id, sees)
    if row is None:
        raise ProblemError(404, f"there is no webhook {webhook_id!r}", advice="See GET /api/v1/webhooks")
    return row


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "state": _state(row)}


def _state(row: dict[str, Any]) -> State:
    if row["disabled_at"]:
        return "disabled"
    return "paused" if row["paused"] else "failing" if row["failing_since"] else "on"


def _subjects(asked: list[str]) -> tuple[str, ...]:
    try:
        return chosen_subjects(asked)
    except ProblemError as error:
        raise ProblemError(422, error.detail, **{**error.more, "field": "subjects"}) from None


def _address(context: Context, url: str) -> str:
    """Looked at before it is kept; what its name stands for is looked at again whenever something is sent."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # such as an unclosed bracket, or a port that is none
        host, port = "", None
    if not host or port == 0 or "@" in parts.netloc:
        raise ProblemError(
            422, "url: this is no address of a receiver", advice="As https://example.org/hook", field="url"
        )
    hosts = context.hooks.settings.private_hosts
    if host not in hosts and (parts.scheme != "https" or is_private_host(host)):
        raise ProblemError(
            422,
            "url: only https and public addresses",
            advice="A receiver in your own network is named in CLIPWIRE_WEBHOOK_PRIVATE_HOSTS",
            field="url",
        )
    return url
