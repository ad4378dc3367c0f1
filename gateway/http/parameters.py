"""Query parameters that a route does not have, or that nothing can match, are answered: a misspelt filter would let
everything through.
"""

from __future__ import annotations

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from contracts.base import control_in
from gateway.http.problems import ProblemError

__all__ = ["known_parameters"]

_OF_EVERY_ROUTE = {"access_token"}


async def known_parameters(request: Request) -> None:
    """Raises a 422 problem that names the first one that is not known, and those that are; or that holds what no text
    here does.
    """
    if not request.query_params:
        return
    route = request.scope["route"]
    known = _names(route.dependant) if isinstance(route, APIRoute) else set()
    for name, value in request.query_params.multi_items():
        if name not in known | _OF_EVERY_ROUTE:
            raise ProblemError(
                422,
                f"{request.url.path} has no query parameter {name!r}",
                advice=f"It has: {', '.join(sorted(known)) or 'none'}",
                field=name,
            )
        if (hit := control_in(value)) is not None:
            raise ProblemError(
                422, f"{name}: it holds the control character {hit[1]}", advice="Leave it out", field=name
            )


def _names(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_names(part) for part in dependant.dependencies))
