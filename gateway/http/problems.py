"""Errors as RFC 9457 problem documents: what happened, to what, what to do next; never a stack trace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from gateway.projection.database import DatabaseErrors
from gateway.users.errors import ForbiddenError, ForeignError, RefusedError, SlowDownError, TakenError
from runtime.errors import ClipwireError, MediaMissing, Reject, Retry

__all__ = ["ProblemError", "answer", "install"]

log = structlog.get_logger(__name__)

_STATUS = {MediaMissing: 404, ForeignError: 404, RefusedError: 401, ForbiddenError: 403, TakenError: 409}


class ProblemError(HTTPException):
    """Raise it in a route to answer with a problem document."""

    def __init__(
        self, status: int, detail: str, *, advice: str = "", headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(status, detail, headers)
        self.more = {"advice": advice, **more} if advice else more


def answer(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """A problem document. `more`: extension members such as `advice` and `field`; those that are None are left out."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    body |= {name: value for name, value in more.items() if value is not None}
    return Response(
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Answer every kind of error of this app with a problem document."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ClipwireError, _ours)
    app.add_exception_handler(ClientDisconnect, _gone)
    for kind in DatabaseErrors:
        app.add_exception_handler(kind, _no_database)
    app.add_exception_handler(asyncpg.DataError, _no_value)
    app.add_exception_handler(asyncpg.PostgresError, _unexpected)
    app.add_exception_handler(Exception, _unexpected)


async def _problem(request: Request, error: Any) -> Response:
    return answer(error.status_code, error.detail, headers=error.headers, **error.more)


async def _http(request: Request, error: Any) -> Response:
    details = {
        404: f"there is nothing at {request.url.path}",
        405: f"{request.method} is not possible at {request.url.path}",
    }
    detail = details.get(error.status_code, str(error.detail))
    return answer(error.status_code, detail, headers=error.headers, advice="See /docs for what there is")


async def _invalid(request: Request, error: Any) -> Response:
    """What was sent is not repeated: it may hold a secret."""
    errors = [{"field": _path(item["loc"]), "message": item["msg"]} for item in error.errors()]
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return answer(422, f"{first['field']}: {first['message']}{more}", field=first["field"], errors=errors)


async def _gone(request: Request, error: Any) -> Response:
    """Whoever sent it went away in the middle: nobody reads this, and nothing is wrong here."""
    return answer(400, "the request ended early", advice="Send it again, whole")


def _path(location: tuple[Any, ...]) -> str:
    """Without the place that FastAPI puts before it (`body`, `query`, `path`)."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


async def _ours(request: Request, error: Any) -> Response:
    more = {"advice": error.advice or None}
    if isinstance(error, Reject):
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 422)
        headers = {"WWW-Authenticate": 'Bearer realm="clipwire"'} if status == 401 else None
        return answer(status, error.what, headers=headers, **more, field=error.field)
    if isinstance(error, Retry):
        status = 429 if isinstance(error, SlowDownError) else 503
        return answer(status, error.what, headers={"Retry-After": str(ceil(error.after or 2))}, **more)
    return await _unexpected(request, error)


async def _no_database(request: Request, error: Any) -> Response:
    log.warning("database.unavailable", error=f"{type(error).__name__}: {error}")
    return answer(
        503,
        "the database does not answer",
        headers={"Retry-After": "2"},
        advice="Try again; if it stays like this, look at /api/v1/health/ready and at PostgreSQL",
    )


async def _no_value(request: Request, error: Any) -> Response:
    """U+0000 in the path, which no text in the database has: bodies and parameters are looked at before."""
    return answer(422, "the address holds characters or numbers that nothing here has", advice="Check the id in it")


async def _unexpected(request: Request, error: Any) -> Response:
    log.error("request.failed", method=request.method, path=request.url.path, exc_info=error)
    return answer(500, "this is a bug of Clipwire", advice="Please report it with the log of the gateway")
