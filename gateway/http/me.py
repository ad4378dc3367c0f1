"""What is one's own: name and password, logins, API tokens, everything as a file, and the way out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response, StreamingResponse

from contracts.base import Timestamp
from contracts.permissions import Permission, allowed
from gateway.http.bodies import body, documented
from gateway.http.context import Context, TheContext
from gateway.http.login import Password, UserView, shown
from gateway.http.problems import ProblemError
from gateway.http.views import Page
from gateway.http.who import TheCame, ThePrincipal, TheUser, needs
from gateway.users.audit import Came
from gateway.users.passwords import LONGEST
from gateway.users.principal import Principal
from gateway.users.tokens import ApiToken

__all__ = ["NewToken", "Token", "TokenView", "router", "token_view"]

router = APIRouter(prefix="/users/me", tags=["users"])


class Change(BaseModel):
    """What is to be another one. A new password needs the present one."""

    name: Annotated[str | None, Field(max_length=100)] = None
    password: Password | None = None
    current_password: Annotated[str | None, Field(max_length=LONGEST)] = None


class SessionView(BaseModel):
    """A login. `current`: the one that asks."""

    id: str
    made_at: AwareDatetime
    used_at: AwareDatetime
    address: str
    agent: str
    current: bool


class NewToken(BaseModel):
    """A token to be made. `scopes`: permissions of its user."""

    title: Annotated[str, Field(min_length=1, max_length=100, description="what it is for")]
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=50)]
    expires_at: Annotated[Timestamp | None, Field(description="absent: never")] = None


class TokenView(BaseModel):
    """An API token, without the token itself."""

    id: str
    title: str
    scopes: list[Permission]
    made_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    used_at: Annotated[AwareDatetime | None, Field(description="when it was used last, to the minute")] = None


class Token(TokenView):
    """A token that was just made: `token` is never shown again."""

    token: str


class Gone(BaseModel):
    """What was removed. `notes`: what is left to do, because somebody else has it."""

    id: str
    removed: dict[str, int]
    notes: list[str] = []


def token_view(token: ApiToken) -> TokenView:
    """As it is answered."""
    return TokenView.model_validate(token, from_attributes=True)


@router.get("", dependencies=[needs("me:read")])
async def me(by: ThePrincipal) -> UserView:
    """Who asks, and what they may do. `operator`: whoever has the token of this machine."""
    if by.user is None:
        return UserView(id="operator", name="operator", role="admin", permissions=sorted(allowed("admin")))
    view = shown(by.user)
    return view.model_copy(update={"permissions": [each for each in view.permissions if by.may(each)]})


@router.put("", openapi_extra=documented(Change), dependencies=[needs("me:write")])
async def change(
    context: TheContext, by: ThePrincipal, user: TheUser, came: TheCame, asked: Annotated[Change, body(Change)]
) -> UserView:
    """Another name, another password. With a new password every other login is over."""
    identities = context.identities
    if asked.password is not None:
        if asked.current_password is None:
            raise ProblemError(
                422, "current_password: it is missing", advice="A new password needs it", field="current_password"
            )
        await identities.entrance.change_password(by, user, asked.current_password, asked.password, came)
    if asked.name is not None and asked.name.strip().lower() != user.name:
        user = await identities.users.rename(user.id, asked.name)
        await identities.audit.write("user.renamed", by, came, about=user.id)
    identities.forget()
    return shown(user)


@router.delete("", dependencies=[needs("me:write")])
async def leave(context: TheContext, by: ThePrincipal, user: TheUser, came: TheCame) -> Gone:
    """Delete oneself, with everything that nobody else has. What was published stays where it is."""
    left = await context.leaving.delete(user, by=by, came=came)
    return Gone(id=user.id, removed=left.removed, notes=left.notes)


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    dependencies=[needs("me:read")],
)
async def export(context: TheContext, user: TheUser, by: ThePrincipal, came: TheCame) -> Response:
    """Everything of one's own as one JSON document, sent while it is read. Files are named by their addresses here."""
    document = await context.exports.of(user)
    await context.identities.audit.write("user.exported", by, came)
    name = f"clipwire-{user.name}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(document, media_type="application/json", headers=headers)


@router.get("/sessions", dependencies=[needs("me:read")])
async def sessions(context: TheContext, by: ThePrincipal, user: TheUser) -> Page[SessionView]:
    """One's logins, the last used first."""
    there = await context.identities.sessions.of(user.id)
    return Page(
        items=[
            SessionView(
                id=each.id,
                made_at=each.made_at,
                used_at=each.used_at,
                address=each.address,
                agent=each.agent,
                current=each.id == by.key,
            )
            for each in there
        ]
    )


@router.delete("/sessions/{session_id}", status_code=204, dependencies=[needs("me:write")])
async def end_session(session_id: str, context: TheContext, by: ThePrincipal, user: TheUser, came: TheCame) -> None:
    """End a login."""
    if not await context.identities.sessions.end(session_id, user.id):
        raise ProblemError(404, f"there is no login {session_id!r}", advice="See GET /api/v1/users/me/sessions")
    await _ended("session", session_id, context, by, came)


@router.get("/tokens", dependencies=[needs("me:read")])
async def tokens(context: TheContext, user: TheUser) -> Page[TokenView]:
    """One's API tokens, the newest first."""
    return Page(items=[token_view(each) for each in await context.identities.tokens.of(user.id)])


@router.post("/tokens", status_code=201, openapi_extra=documented(NewToken))
async def make_token(
    context: TheContext,
    response: Response,
    by: Annotated[Principal, needs("me:write")],
    user: TheUser,
    came: TheCame,
    asked: Annotated[NewToken, body(NewToken)],
) -> Token:
    """A new API token. It may what its scopes name and its user may; this answer is the only one that shows it."""
    made, text = await context.identities.tokens.make(user, asked.title, asked.scopes, asked.expires_at, by=by)
    response.headers["Cache-Control"] = "no-store"
    await context.identities.audit.write("token.made", by, came, about=made.id, scopes=made.scopes)
    return Token(**token_view(made).model_dump(), token=text)


@router.delete("/tokens/{token_id}", status_code=204, dependencies=[needs("me:write")])
async def end_token(token_id: str, context: TheContext, by: ThePrincipal, user: TheUser, came: TheCame) -> None:
    """End an API token."""
    if not await context.identities.tokens.end(token_id, user.id):
        raise ProblemError(404, f"there is no token {token_id!r}", advice="See GET /api/v1/users/me/tokens")
    await _ended("token", token_id, context, by, came)


async def _ended(what: str, ident: str, context: Context, by: Principal, came: Came) -> None:
    """It holds at once, and is written down."""
    context.identities.forget()
    await context.identities.audit.write(f"{what}.ended", by, came, about=ident)
