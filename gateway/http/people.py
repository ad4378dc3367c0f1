"""Users, as admins see and change them: people, services, invitations, and the audit."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from contracts.permissions import Role
from gateway.http.bodies import body, documented
from gateway.http.context import Context, Cursor, Limit, TheContext
from gateway.http.login import UserView, shown
from gateway.http.me import Gone, NewToken, Token, TokenView, token_view
from gateway.http.problems import ProblemError
from gateway.http.views import Page, paged
from gateway.http.who import TheCame, ThePrincipal, needs
from gateway.users.invitations import Invitation
from gateway.users.principal import Principal, User

__all__ = ["router"]

router = APIRouter(tags=["users"])
Admin = Annotated[Principal, needs("users:write")]


class NewService(BaseModel):
    """A program that gets tokens of its own, and owns what it orders."""

    name: Annotated[str, Field(max_length=100, description="2 to 40 of a-z, 0-9, dot, dash and underscore")]
    role: Role = "creator"


class UserChange(BaseModel):
    """What is to be another one. `disabled`: nothing of theirs opens anything any more, and nothing is lost."""

    role: Role | None = None
    disabled: bool | None = None


class NewInvitation(BaseModel):
    """For one new user."""

    role: Role = "creator"
    note: Annotated[str, Field(max_length=200, description="for whom it is")] = ""


class InvitationView(BaseModel):
    """A code, without the code. `resets`: id of the user whose password it replaces; absent: it makes a user."""

    id: str
    role: Role
    note: str
    resets: str | None = None
    made_by: str
    made_at: AwareDatetime
    expires_at: AwareDatetime
    used_at: AwareDatetime | None = None
    used_by: str | None = None


class Code(InvitationView):
    """One that was just made: `code` is never shown again."""

    code: str


class AuditView(BaseModel):
    """Who did what, when and from where. `via`: `session`, `token`, `operator`, or `none` where nobody knows."""

    id: int
    at: AwareDatetime
    action: str
    user_id: str | None = None
    name: str
    via: str
    key: Annotated[str | None, Field(description="id of the login or token")] = None
    about: str | None = None
    address: str
    details: dict[str, Any] = {}


@router.get("/users", dependencies=[needs("users:read")])
async def users(context: TheContext) -> Page[UserView]:
    """Everybody, the first one first."""
    return Page(items=[shown(user) for user in await context.identities.users.all()])


@router.post("/users", status_code=201, openapi_extra=documented(NewService))
async def make_service(
    context: TheContext, by: Admin, came: TheCame, asked: Annotated[NewService, body(NewService)]
) -> UserView:
    """Make a service. People register themselves, or are registered at `/auth/register`."""
    user = await context.identities.users.add(asked.name, by.given(asked.role))
    await context.identities.audit.write("service.made", by, came, about=user.id, role=user.role)
    return shown(user)


@router.get("/users/invitations", dependencies=[needs("users:read")])
async def invitations(context: TheContext) -> Page[InvitationView]:
    """The newest first."""
    return Page(items=[_invitation(each) for each in await context.identities.invitations.all()])


@router.post("/users/invitations", status_code=201, openapi_extra=documented(NewInvitation))
async def invite(
    context: TheContext,
    response: Response,
    by: Admin,
    came: TheCame,
    asked: Annotated[NewInvitation, body(NewInvitation)],
) -> Code:
    """A code with which one person may register."""
    made, code = await context.identities.invitations.invite(by.given(asked.role), asked.note, by=by)
    await context.identities.audit.write("invitation.made", by, came, about=made.id, role=made.role)
    return _code(response, made, code)


@router.delete("/users/invitations/{invitation_id}", status_code=204)
async def take_back(invitation_id: str, context: TheContext, by: Admin, came: TheCame) -> None:
    """Take back a code that nobody has used."""
    if not await context.identities.invitations.end(invitation_id):
        raise ProblemError(404, f"there is no unused invitation {invitation_id!r}", advice="See the list")
    await context.identities.audit.write("invitation.ended", by, came, about=invitation_id)


@router.get("/users/{user_id}", dependencies=[needs("users:read")])
async def one(user_id: str, context: TheContext) -> UserView:
    """One user."""
    return shown(await _user(context, user_id))


@router.put("/users/{user_id}", openapi_extra=documented(UserChange))
async def change(
    user_id: str, context: TheContext, by: Admin, came: TheCame, asked: Annotated[UserChange, body(UserChange)]
) -> UserView:
    """Another role, disabled, or enabled again: it holds at once, for every token there is."""
    identities = context.identities
    if asked.role is not None:
        by.given(asked.role)
    user = await identities.users.change(user_id, role=asked.role, disabled=asked.disabled)
    if asked.disabled:
        await identities.sessions.end_all(user_id)
    identities.forget()
    await identities.audit.write(
        "user.changed", by, came, about=user_id, **asked.model_dump(exclude_none=True, mode="json")
    )
    return shown(user)


@router.delete("/users/{user_id}")
async def delete(user_id: str, context: TheContext, by: Admin, came: TheCame) -> Gone:
    """Delete a user, with everything that nobody else has."""
    user = await _user(context, user_id)
    left = await context.leaving.delete(user, by=by, came=came)
    return Gone(id=user.id, removed=left.removed, notes=left.notes)


@router.post("/users/{user_id}/reset", status_code=201)
async def reset(user_id: str, context: TheContext, response: Response, by: Admin, came: TheCame) -> Code:
    """A code with which a user who has lost their password may set a new one, for a day."""
    user = await _user(context, user_id)
    if user.service:
        raise ProblemError(409, f"{user.name} is a service, which has no password", advice="Make it a new token")
    by.given(user.role)
    made, code = await context.identities.invitations.reset(user, by=by)
    await context.identities.audit.write("password.reset_offered", by, came, about=user.id)
    return _code(response, made, code)


@router.get("/users/{user_id}/tokens", dependencies=[needs("users:read")])
async def tokens(user_id: str, context: TheContext) -> Page[TokenView]:
    """The API tokens of a user, the newest first."""
    user = await _user(context, user_id)
    return Page(items=[token_view(each) for each in await context.identities.tokens.of(user.id)])


@router.post("/users/{user_id}/tokens", status_code=201, openapi_extra=documented(NewToken))
async def make_token(
    user_id: str,
    context: TheContext,
    response: Response,
    by: Admin,
    came: TheCame,
    asked: Annotated[NewToken, body(NewToken)],
) -> Token:
    """A new token of a service. People make theirs themselves."""
    user = await _user(context, user_id)
    if not user.service:
        raise ProblemError(409, f"{user.name} is no service", advice="People make tokens at /api/v1/users/me/tokens")
    made, text = await context.identities.tokens.make(user, asked.title, asked.scopes, asked.expires_at, by=by)
    response.headers["Cache-Control"] = "no-store"
    await context.identities.audit.write("token.made", by, came, about=made.id, of=user.id, scopes=made.scopes)
    return Token(**token_view(made).model_dump(), token=text)


@router.delete("/users/{user_id}/tokens/{token_id}", status_code=204)
async def end_token(user_id: str, token_id: str, context: TheContext, by: Admin, came: TheCame) -> None:
    """End an API token of a user."""
    if not await context.identities.tokens.end(token_id, user_id):
        raise ProblemError(404, f"there is no token {token_id!r}", advice=f"See GET /api/v1/users/{user_id}/tokens")
    context.identities.forget()
    await context.identities.audit.write("token.ended", by, came, about=token_id, of=user_id)


@router.get("/audit", dependencies=[needs("audit:read")])
async def audit(
    context: TheContext,
    before: Cursor,
    by: ThePrincipal,
    limit: Limit = 50,
    user_id: Annotated[
        str | None, Query(max_length=100, description="done by a user, to them, or to what they own")
    ] = None,
    action: Annotated[
        str | None, Query(max_length=100, description="`login.failed`, or a family of them such as `login`")
    ] = None,
) -> Page[AuditView]:
    """Who did what, when and from where, newest first."""
    rows = await context.identities.audit.page(before, limit + 1, user_id=user_id, action=action)
    return paged(AuditView, rows, limit, place="id")


async def _user(context: Context, user_id: str) -> User:
    user = await context.identities.users.get(user_id)
    if user is None:
        raise ProblemError(404, f"there is no user {user_id!r}", advice="See GET /api/v1/users")
    return user


def _invitation(invitation: Invitation) -> InvitationView:
    return InvitationView.model_validate(invitation, from_attributes=True)


def _code(response: Response, made: Invitation, code: str) -> Code:
    response.headers["Cache-Control"] = "no-store"
    return Code(**_invitation(made).model_dump(), code=code)
