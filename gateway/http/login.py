"""The ways in, which need no token: registering, logging in, refreshing, logging out, a new password."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from contracts.permissions import Permission, Role
from gateway.http.bodies import body, documented
from gateway.http.context import TheContext
from gateway.http.who import TheCame, opened
from gateway.users.passwords import LEAST, LONGEST
from gateway.users.principal import Principal, User
from gateway.users.sessions import Pair

__all__ = ["Password", "UserView", "router", "shown"]

router = APIRouter(prefix="/auth", tags=["users"])
Maybe = Annotated[Principal | None, opened()]
Password = Annotated[
    str, Field(min_length=LEAST, max_length=LONGEST, description="at least 12 characters; several words are best")
]


class UserView(BaseModel):
    """A user. `service`: a program, which has tokens and no password."""

    id: str
    name: str
    role: Role
    service: bool = False
    made_at: AwareDatetime | None = None
    disabled_at: AwareDatetime | None = None
    permissions: list[Permission]


class Registration(BaseModel):
    """Who wants in. `role`: only where an admin asks."""

    name: Annotated[str, Field(max_length=100, description="2 to 40 of a-z, 0-9, dot, dash and underscore")]
    password: Password
    invitation: Annotated[str | None, Field(max_length=200)] = None
    role: Role | None = None


class Credentials(BaseModel):
    """Name and password."""

    name: Annotated[str, Field(max_length=100)]
    password: Annotated[str, Field(max_length=LONGEST)]


class Refresh(BaseModel):
    """What a login gave, or the refresh before."""

    refresh_token: Annotated[str, Field(max_length=200)]


class Reset(BaseModel):
    """A code from an admin, and the new password."""

    code: Annotated[str, Field(max_length=200)]
    password: Password


class Login(BaseModel):
    """`access_token` comes as `Authorization: Bearer`, until `expires_in` seconds are over; then `refresh_token`, which
    is good once, gives the next of both at `/auth/refresh`."""

    access_token: str
    token_type: Literal["Bearer"] = Field(default="Bearer")
    expires_in: float
    refresh_token: str
    user: UserView


def shown(user: User) -> UserView:
    """As it is answered."""
    return UserView(
        id=user.id,
        name=user.name,
        role=user.role,
        service=user.service,
        made_at=user.made_at,
        disabled_at=user.disabled_at,
        permissions=sorted(user.permissions),
    )


@router.post("/register", status_code=201, openapi_extra=documented(Registration))
async def register(
    context: TheContext, by: Maybe, came: TheCame, asked: Annotated[Registration, body(Registration)]
) -> UserView:
    """Become a user. The first one is an admin; an invitation says which role; an admin's token is always enough."""
    user = await context.identities.entrance.register(
        asked.name, asked.password, asked.invitation, by=by, came=came, role=asked.role
    )
    return shown(user)


@router.post("/login", openapi_extra=documented(Credentials))
async def login(
    context: TheContext,
    response: Response,
    by: Maybe,
    came: TheCame,
    asked: Annotated[Credentials, body(Credentials)],
) -> Login:
    """Log in. After some wrong passwords each further one has to wait twice as long (429)."""
    user, pair = await context.identities.entrance.login(asked.name, asked.password, came)
    return _login(response, user, pair)


@router.post("/refresh", openapi_extra=documented(Refresh))
async def refresh(
    context: TheContext, response: Response, by: Maybe, came: TheCame, asked: Annotated[Refresh, body(Refresh)]
) -> Login:
    """The next pair of tokens. A refresh token that comes a second time ends its login: somebody has copied it."""
    try:
        user, pair = await context.identities.sessions.refresh(asked.refresh_token, came)
    finally:
        context.identities.forget()
    return _login(response, user, pair)


@router.post("/logout", status_code=204, openapi_extra=documented(Refresh))
async def logout(context: TheContext, by: Maybe, came: TheCame, asked: Annotated[Refresh, body(Refresh)]) -> None:
    """End the login that a refresh token belongs to, with every token of it."""
    identities = context.identities
    if there := await identities.sessions.session_of(asked.refresh_token):
        session, user_id = there
        await identities.sessions.end(session, user_id)
        identities.forget()
        user = await identities.users.get(user_id)
        await identities.audit.write("session.ended", Principal(user, "session", key=session) if user else None, came)


@router.post("/password", openapi_extra=documented(Reset))
async def reset(context: TheContext, by: Maybe, came: TheCame, asked: Annotated[Reset, body(Reset)]) -> UserView:
    """Set a new password with a code from an admin. Every login of the user is over with it."""
    user = await context.identities.entrance.reset_password(asked.code, asked.password, came)
    context.identities.forget()
    return shown(user)


def _login(response: Response, user: User, pair: Pair) -> Login:
    response.headers["Cache-Control"] = "no-store"
    return Login(
        access_token=pair.access_token,
        expires_in=pair.expires_in,
        refresh_token=pair.refresh_token,
        user=shown(user),
    )
