"""The app: routes, guard and problem documents around explicit collaborators. It opens and starts nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Security
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPBearer

from gateway.hooks.hooks import Hooks
from gateway.http import (
    accounts,
    channels,
    docs,
    follows,
    health,
    lists,
    login,
    me,
    media,
    orders,
    people,
    problems,
    socket,
    stream,
    telegram,
    uploads,
    webhooks,
)
from gateway.http.auth import Guard
from gateway.http.commands import Commands
from gateway.http.context import Context, Door
from gateway.http.finish import Finish
from gateway.http.openapi import DescribedAPI
from gateway.http.parameters import known_parameters
from gateway.http.places import Places
from gateway.http.settings import GatewaySettings
from gateway.http.tail import Tail
from gateway.projection.projector import Projector
from gateway.projection.reads import ReadModels
from gateway.users.exports import Exports
from gateway.users.identities import Identities
from gateway.users.leaving import Leaving
from gateway.users.ownership import Ownership
from runtime.channels import Channels
from runtime.media import MediaStore

__all__ = ["create_app", "routes"]

_ABOUT = (
    "Commands go on the bus, and every answer to them is an event. Every request needs a token, as "
    "`Authorization: Bearer <token>`: that of a login (`/api/v1/auth/login`), an API token, or the operator's, which "
    "is in the file access_token in CLIPWIRE_HOME. "
    "Errors are RFC 9457 problem documents."
)
# For the OpenAPI document, so that programs made from it send the token; who may enter is decided by `Guard`.
_TOKEN = HTTPBearer(auto_error=False, description="of a login, an API token, or the operator's")

_CORS: dict[str, Any] = {
    "allow_methods": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "Range"],
    "expose_headers": ["ETag", "Location", "Retry-After", "Content-Range"],
    "max_age": 600,
}


def routes() -> FastAPI:
    """What there is, without anything to answer from: enough for the OpenAPI document."""
    app = DescribedAPI(
        title="Clipwire", version="1", description=_ABOUT, docs_url=None, redoc_url=None, openapi_url="/openapi.json"
    )
    parts = (orders, stream, lists, media, uploads, channels, accounts, webhooks, follows, me, telegram, people, health)
    for part in parts:
        app.include_router(part.router, prefix="/api/v1", dependencies=[Security(_TOKEN), Depends(known_parameters)])
    app.include_router(login.router, prefix="/api/v1", dependencies=[Depends(known_parameters)])
    app.include_router(accounts.callback_router, prefix="/api/v1")
    app.include_router(follows.hub_router)
    app.include_router(socket.router, prefix="/api/v1")
    app.include_router(docs.router)
    problems.install(app)
    return app


def create_app(
    *,
    settings: GatewaySettings,
    home: Path,
    identities: Identities,
    bus: Door,
    reads: ReadModels,
    channel_store: Channels,
    media_store: MediaStore,
    hooks: Hooks,
    projector: Projector | None,
    actors: Collection[str] = (),
) -> FastAPI:
    """The HTTP door. `home`: where uploads are kept; `projector`: this process's own; `actors`: who must be there
    for work to be done; both for its health.
    """
    app = routes()
    ownership = Ownership(reads, channel_store, bus)
    app.state.context = Context(
        settings=settings,
        home=home,
        identities=identities,
        bus=bus,
        reads=reads,
        channels=channel_store,
        ownership=ownership,
        leaving=Leaving(identities, ownership, reads, channel_store, media_store, bus, home / "uploads"),
        exports=Exports(identities, ownership, reads, channel_store, hooks),
        commands=Commands(bus, reads, ownership),
        tail=Tail(bus),
        places=Places(most=settings.http_streams, of_one=settings.http_streams_per_user),
        hooks=hooks,
        media=media_store,
        projector=projector,
        actors=frozenset(actors),
    )
    app.state.stopping = asyncio.Event()
    app.add_middleware(
        Guard,
        identify=identities.principal,
        hosts=settings.hosts,
        origins=settings.cors_origins,
        user_rate=identities.settings.user_rate,
        address_rate=identities.settings.address_rate,
    )
    app.add_middleware(Finish)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=sorted(settings.cors_origins), **_CORS)
    return app
