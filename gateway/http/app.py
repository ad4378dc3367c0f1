"""The app: routes, guard and problem documents around explicit collaborators. It opens and starts nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Security
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPBearer

from gateway.http import accounts, docs, health, lists, media, orders, problems, socket, stream, uploads
from gateway.http.auth import Guard
from gateway.http.commands import Commands
from gateway.http.context import Context, Door
from gateway.http.finish import Finish
from gateway.http.openapi import described
from gateway.http.parameters import known_parameters
from gateway.http.settings import GatewaySettings
from gateway.http.tail import Tail
from gateway.projection.projector import Projector
from gateway.projection.reads import ReadModels
from gateway.users.identities import Identities
from runtime.media import MediaStore

__all__ = ["create_app"]

_ABOUT = (
    "Commands go on the bus, and every answer to them is an event. Every request needs the access token: "
    "`Authorization: Bearer <token>`; it is in the file access_token in CLIPWIRE_HOME. "
    "Errors are RFC 9457 problem documents."
)
# For the OpenAPI document, so that programs made from it send the token; who may enter is decided by `Guard`.
_TOKEN = HTTPBearer(auto_error=False, description="the access token")

_CORS: dict[str, Any] = {
    "allow_methods": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "Range"],
    "expose_headers": ["ETag", "Location", "Retry-After", "Content-Range"],
    "max_age": 600,
}


def create_app(
    *,
    settings: GatewaySettings,
    home: Path,
    identities: Identities,
    bus: Door,
    reads: ReadModels,
    media_store: MediaStore,
    projector: Projector | None,
    actors: Collection[str] = (),
) -> FastAPI:
    """The HTTP door. `home`: where uploads are kept; `projector`: this process's own; `actors`: who must be there
    for work to be done; both for its health.
    """
    app = FastAPI(
        title="Clipwire", version="1", description=_ABOUT, docs_url=None, redoc_url=None, openapi_url="/openapi.json"
    )
    app.state.context = Context(
        settings=settings,
        home=home,
        identities=identities,
        bus=bus,
        reads=reads,
        commands=Commands(bus, reads),
        tail=Tail(bus),
        media=media_store,
        projector=projector,
        actors=frozenset(actors),
    )
    app.state.feeds = set()
    app.state.stopping = asyncio.Event()
    for part in (orders, stream, lists, media, uploads, accounts, health):
        app.include_router(part.router, prefix="/api/v1", dependencies=[Security(_TOKEN), Depends(known_parameters)])
    app.include_router(accounts.callback_router, prefix="/api/v1")
    app.include_router(socket.router, prefix="/api/v1")
    app.include_router(docs.router)
    problems.install(app)
    app.add_middleware(Guard, identify=identities.principal, hosts=settings.hosts, origins=settings.cors_origins)
    app.add_middleware(Finish)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=sorted(settings.cors_origins), **_CORS)
    return described(app)
