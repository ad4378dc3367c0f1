"""Who asks, as routes need it: `by: ThePrincipal`, or `by: Annotated[Principal, needs("clips:write")]`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from contracts.permissions import LEAST_ROLE, MEANINGS, Permission
from gateway.http.problems import ProblemError
from gateway.users.principal import Principal

__all__ = ["NEEDS", "ThePrincipal", "forbidden", "needs"]

NEEDS = "permission"
"""Attribute of the dependencies that `needs` makes: which permission it is."""


def _principal(connection: HTTPConnection) -> Principal:
    """Put there by the guard, which lets nobody else through to a route that asks for it."""
    principal: Principal | None = connection.scope.get("principal")
    if principal is None:
        raise ProblemError(401, "the access token is missing or wrong", headers={"WWW-Authenticate": "Bearer"})
    return principal


ThePrincipal = Annotated[Principal, Depends(_principal)]


def needs(permission: Permission) -> Any:
    """A dependency that gives the principal, and answers 403 to one who may not."""

    def check(principal: ThePrincipal) -> Principal:
        if not principal.may(permission):
            raise forbidden(principal, permission)
        return principal

    setattr(check, NEEDS, permission)
    return Depends(check)


def forbidden(principal: Principal, permission: Permission) -> ProblemError:
    """403, naming what is missing and who has it."""
    if principal.scopes is not None and permission not in principal.scopes:
        advice = f"This token's scopes do not name {permission}: make one whose scopes do"
    else:
        advice = f"It takes the role {LEAST_ROLE[permission]}: ask an admin"
    return ProblemError(403, f"{principal.name} may not {MEANINGS[permission]}", advice=advice, permission=permission)
