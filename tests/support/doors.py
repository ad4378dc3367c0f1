"""Many doors with the routes of one: FastAPI reads every route of an app at its first request, a third of a second."""

from __future__ import annotations

from functools import cache

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

from gateway.http.app import routes

__all__ = ["read_once"]


def read_once(app: FastAPI) -> FastAPI:
    """The app, its routers as those of the first were read. They know of no app: a request tells which one it is."""
    own = app.router.routes
    own[:] = [each if isinstance(each, Route) else read for each, read in zip(own, _routes(), strict=True)]
    return app


@cache
def _routes() -> list[BaseRoute]:
    return routes().router.routes
