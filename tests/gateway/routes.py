"""The routes of the HTTP door, from its OpenAPI document and from FastAPI: what each needs, and how to ask it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from contracts.permissions import Permission
from gateway.http.who import NEEDS

Json = dict[str, Any]
# Answered without a token: what gets one, and where platforms send people and hubs send feeds.
PUBLIC = {
    *(f"/api/v1/auth/{way}" for way in ("register", "login", "refresh", "logout", "password")),
    "/api/v1/accounts/{platform}/callback",
}


def operations(document: Json) -> list[tuple[str, str, Json]]:
    """Method, path and description of everything that the document tells."""
    methods = {"get", "put", "post", "delete", "patch", "head"}
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in methods
    ]


def body_for(operation: Json, ids: dict[str, str]) -> Any:
    """The example of a JSON body in the document, about what is ada's."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = [example["value"] for example in content.get("examples", {}).values()]
    body = examples[0] if examples else content.get("example")
    return {name: ids.get(name, value) for name, value in body.items()} if isinstance(body, dict) else body


def named(path: str, ids: dict[str, str]) -> str | None:
    """The path with ids in it; none, if it names something that ada has none of."""
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}")
            if name not in ids:
                return None
            path = path.replace(part, ids[name])
    return path


def routes(app: FastAPI) -> list[Any]:
    """Every route of FastAPI's, as it is where its router was included."""
    return [each for route in app.routes for each in included(route) if isinstance(each.original_route, APIRoute)]


def included(route: Any) -> Iterator[Any]:
    yield from route.effective_route_contexts() if hasattr(route, "effective_route_contexts") else ()


def marks(dependant: Dependant, mark: str) -> list[Any]:
    own = [getattr(dependant.call, mark)] if hasattr(dependant.call, mark) else []
    return own + [found for part in dependant.dependencies for found in marks(part, mark)]


def operation_permission(app: FastAPI, method: str, path: str) -> Permission | None:
    for route in routes(app):
        if route.path == path and method.upper() in route.methods:
            found = marks(route.dependant, NEEDS)
            return found[0] if found else None
    raise LookupError(path)
