"""Publishing accounts: what people type in, and bring back from a platform, is passed on to the publisher."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from html import escape
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from contracts import asks
from contracts.base import Contract
from contracts.publishing import Account
from gateway.http.bodies import MaybeJsonBody, fitting
from gateway.http.context import Context, TheContext
from gateway.http.problems import ProblemError
from gateway.http.views import Page
from gateway.http.who import Sees, needs
from gateway.users.principal import Principal
from runtime.errors import ClipwireError, Reject

__all__ = ["callback_router", "router"]

router = APIRouter(tags=["accounts"])
callback_router = APIRouter(tags=["accounts"])
"""The one route that needs no token and takes any query: a platform sends people there."""

Q = TypeVar("Q", bound=Contract)
A = TypeVar("A", bound=Contract)
Platform = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,32}$", description="as in `GET /api/v1/platforms`")]
# A platform may take half a minute for a token, and as long to tell whose it is.
_PATIENCE_S = 90.0
# Behind the dot: the hash of the cookie of the browser that began, if one did.
_STATE = re.compile(r"^[A-Za-z0-9_-]{43}(?:\.([A-Za-z0-9_-]{43}))?$")
_COOKIES = {"https": "__Host-clipwire_connect", "http": "clipwire_connect"}
_COOKIE_S = 600  # as long as a state is good
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address of this page holds a code
    "Cache-Control": "no-store",
}
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>Clipwire: {title}</title><style>:root{{color-scheme:light dark}}"
    "body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}}"
    "h1{{font-size:1.4rem}}</style></head><body><h1>{title}</h1>{body}</body></html>"
)


@router.get("/platforms", dependencies=[needs("accounts:read")])
async def platforms(context: TheContext) -> Page[asks.PlatformInfo]:
    """Where can be published: how accounts are connected, what is asked for it, and what is still to be set up."""
    told = await _ask(context, asks.PLATFORMS, asks.Nothing())
    return Page(items=list(told.platforms))


@router.get("/accounts", dependencies=[needs("accounts:read")])
async def accounts(context: TheContext, sees: Sees) -> Page[Account]:
    """Connected accounts. One in state `reconnect` has to be connected again; `reason` says why."""
    return Page(items=await context.ownership.accounts(sees))


@router.get("/accounts/{platform}/connect", response_model=asks.Connection)
async def connect(
    platform: Platform, request: Request, context: TheContext, by: Annotated[Principal, needs("accounts:write")]
) -> Response:
    """Begin to connect: the answer's `url` is the platform's page where a person agrees; a browser is sent there.

    What a platform asks for before, as `GET /api/v1/platforms` tells, goes to `POST /api/v1/accounts/{platform}`.
    """
    page = "text/html" in request.headers.get("accept", "")
    secret = _browser(request, _back(context, request, platform)) if page else None
    begun = await _connect(context, request, platform, {}, by, browser=_hash(secret) if secret else None)
    if begun.url is None or not page:
        return _secret(begun)
    answer = RedirectResponse(begun.url, 303, headers={"Cache-Control": "no-store"})
    if secret is not None:
        scheme = request.url.scheme
        answer.set_cookie(
            _COOKIES[scheme], secret, max_age=_COOKIE_S, httponly=True, samesite="lax", secure=scheme == "https"
        )
    return answer


@router.post("/accounts/{platform}", response_model=asks.Connection)
async def connect_with(
    platform: Platform,
    request: Request,
    context: TheContext,
    by: Annotated[Principal, needs("accounts:write")],
    body: MaybeJsonBody,
) -> Response:
    """Begin to connect with what the platform asks for, by name. The answer is `done`, or has a `url` to go to."""
    wrong = next((name for name, value in body.items() if not isinstance(value, str) or len(value) > 4000), None)
    if wrong is not None:
        raise ProblemError(422, f"{wrong}: a text of at most 4000 characters", field=wrong)
    return _secret(await _connect(context, request, platform, body, by))


@router.delete("/accounts/{account_id}")
async def remove(
    account_id: str, context: TheContext, by: Annotated[Principal, needs("accounts:write")]
) -> asks.Removed:
    """Forget an account and its tokens. `revoked`: the platform was told, too; `note` says what is left to do."""
    which = fitting(asks.Remove, {"account_id": account_id})
    if by.sees is not None:
        await context.ownership.account(by.sees, account_id)
    return await _ask(context, asks.REMOVE, which)


@callback_router.get(
    "/accounts/{platform}/callback",
    response_class=HTMLResponse,
    responses={status: {"content": {"text/html": {}}} for status in (400, 503)},
)
async def callback(platform: Platform, request: Request, context: TheContext) -> HTMLResponse:
    """Where a platform sends people back to. Guarded by the `state` that it brings back: one use, ten minutes, and the
    browser that began, where one did."""
    query = dict(request.query_params)
    state = _STATE.match(query.get("state", ""))
    if state is None:
        return _page("Not connected", "This address belongs to a login, and has none in it.", 400)
    came = request.cookies.get(_COOKIES[request.url.scheme], "")
    if state[1] is not None and not hmac.compare_digest(state[1], _hash(came)):
        words = "This login was begun in another browser, or more than ten minutes ago. Begin it anew, in this one"
        return _page("Not connected", f"{words}.", 400)
    try:
        asked = fitting(asks.Callback, {"platform": platform, "query": query})
        told = await context.bus.ask(asks.CALLBACK, asked, within=_PATIENCE_S)
    except ClipwireError as error:
        return _page("Not connected", str(error), 400 if isinstance(error, Reject) else 503)
    if told.refusal is not None:
        words = f"{told.refusal.what}. {told.refusal.advice}"
        return _page("Not connected", words, 400 if told.refusal.kind == "rejected" else 503)
    names = ", ".join(f"{account.title} ({account.account_id})" for account in told.accounts)
    return _page("Connected", f"{names}. You can close this page.", 200)


async def _connect(
    context: Context,
    request: Request,
    platform: str,
    given: Mapping[str, Any],
    by: Principal,
    *,
    browser: str | None = None,
) -> asks.Connection:
    asked = {
        "platform": platform,
        "given": dict(given),
        "redirect_uri": _back(context, request, platform),
        "owner": by.owner or "operator",
        "browser": browser,
    }
    return await _ask(context, asks.CONNECT, fitting(asks.Connect, asked))


def _back(context: Context, request: Request, platform: str) -> str:
    """Where the platform sends the person back to."""
    base = context.settings.http_public_url or str(request.base_url)
    return f"{base.rstrip('/')}/api/v1/accounts/{platform}/callback"


def _browser(request: Request, back: str) -> str | None:
    """The secret of the browser that begins, for its cookie (RFC 9700, 4.7.1); several logins at a time share it.

    None for a program, which opens the page elsewhere, and where the browser comes back to another address than this
    one, where it would have no cookie.
    """
    there = urlsplit(back)
    if "authorization" in request.headers or (there.scheme, there.hostname) != (
        request.url.scheme,
        request.url.hostname,
    ):
        return None
    has = request.cookies.get(_COOKIES[request.url.scheme], "")
    return has if re.fullmatch(r"[A-Za-z0-9_-]{43}", has) else secrets.token_urlsafe(32)


def _hash(secret: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).rstrip(b"=").decode()


async def _ask(context: Context, question: asks.Ask[Q, A], data: Q) -> A:
    """The publisher's answer; what does not exist there is a 404 here."""
    try:
        return await context.bus.ask(question, data, within=_PATIENCE_S)
    except Reject as error:
        if error.field in {"platform", "account_id"}:
            raise ProblemError(404, error.what, advice=error.advice, field=error.field) from None
        raise Reject(
            error.what, advice=error.advice, field=error.field.removeprefix("given.") if error.field else None
        ) from None


def _secret(connection: asks.Connection) -> JSONResponse:
    """Its address opens a login: no cache keeps it."""
    return JSONResponse(connection.model_dump(mode="json", exclude_none=True), headers={"Cache-Control": "no-store"})


def _page(title: str, words: str, status: int) -> HTMLResponse:
    body = _PAGE.format(title=escape(title), body=f"<p>{escape(words)}</p>")
    return HTMLResponse(body, status, headers=_HEADERS)
