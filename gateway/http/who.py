"""Who asks, as routes need it: `by: ThePrincipal`, or `by: Annotated[Principal, needs("clips:write")]`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.requests import HTTPConnection

from contracts.permissions import LEAST_ROLE, MEANINGS, Permission
from gateway.http.problems import ProblemError
from gateway.users.audit import Came
from gateway.users.principal import Principal, User

__all__ = ["NEEDS", "OPEN", "Sees", "TheCame", "ThePrincipal", "TheUser", "forbidden", "needs", "opened", "whole"]

NEEDS = "permission"
"""Attribute of the dependencies that `needs` makes: which permission it is."""
OPEN = "open"
"""Attribute of the dependency that `opened` makes."""


async def _principal(connection: HTTPConnection) -> Principal:
    """Put there by the guard, which lets nobody else through to a route that asks for it."""
    principal: Principal | None = connection.scope.get("principal")
    if principal is None:
        raise ProblemError(401, "the access token is missing or wrong", headers={"WWW-Authenticate": "Bearer"})
    return principal


ThePrincipal = Annotated[Principal, Depends(_principal)]


async def _user(by: ThePrincipal) -> User:
    if by.user is None:
        raise ProblemError(
            403, "the token of this machine's operator is no user's", advice="Register, and log in as that user"
        )
    return by.user


TheUser = Annotated[User, Depends(_user)]
"""The user who asks; the operator is none."""


def came(connection: HTTPConnection) -> Came:
    """From where a request came."""
    address = connection.client.host if connection.client else ""
    return Came(address, connection.headers.get("user-agent", ""))


TheCame = Annotated[Came, Depends(came)]


async def _sees(
    by: ThePrincipal,
    owner: Annotated[
        str | None, Query(max_length=100, description="for admins: whose things alone; `operator`: those of no user")
    ] = None,
) -> str | None:
    asked = "" if owner == "operator" else owner
    if by.sees is None:
        return asked
    if asked not in (None, by.sees):
        raise ProblemError(404, f"there is no owner {owner!r} here", advice="Leave `owner` out", field="owner")
    return by.sees


Sees = Annotated[str | None, Depends(_sees)]
"""The owner whose things alone are shown; none: those of all."""


def needs(permission: Permission) -> Any:
    """A dependency that gives the principal, and answers 403 to one who may not."""

    async def check(principal: ThePrincipal) -> Principal:
        if not principal.may(permission):
            raise forbidden(principal, permission)
        return principal

    setattr(check, NEEDS, permission)
    return Depends(check)


def whole() -> Any:
    """A dependency for what acts as the whole user afterwards: a token that was narrowed makes no such thing."""

    def check(principal: ThePrincipal) -> None:
        if not principal.may_all_of(principal.role):
            raise ProblemError(
                403, "this token's scopes are fewer than what would be made may", advice="Log in, and do it as yourself"
            )

    return Depends(check)


def opened() -> Any:
    """A dependency for what needs no token; it gives the principal where a good one came nevertheless."""

    async def look(connection: HTTPConnection) -> Principal | None:
        principal: Principal | None = connection.scope.get("principal")
        return principal

    setattr(look, OPEN, True)
    return Depends(look)


def forbidden(principal: Principal, permission: Permission) -> ProblemError:
    """403, naming what is missing and who has it."""
    if principal.scopes is not None and permission not in principal.scopes:
        advice = f"This token's scopes do not name {permission}: make one whose scopes do"
    else:
        advice = f"It takes the role {LEAST_ROLE[permission]}: ask an admin"
    return ProblemError(403, f"{principal.name} may not {MEANINGS[permission]}", advice=advice, permission=permission)
