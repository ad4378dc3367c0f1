"""Takes webhooks on 127.0.0.1: a path per bot that nobody guesses, a secret, and 200 only once the work is done."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from pydantic import ValidationError

from gateway.telegram.fleet import Fleet
from gateway.telegram.library import Update

__all__ = ["listening"]

log = structlog.get_logger(__name__)

_LARGEST = 1 << 20
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@asynccontextmanager
async def listening(fleet: Fleet, port: int) -> AsyncIterator[int]:
    """The listener, open; yields its port."""

    async def take(request: web.Request) -> web.Response:
        running = fleet.by_hook(request.match_info["hook"])
        offered = request.headers.get(_HEADER, "")
        if running is None or not secrets.compare_digest(offered.encode(), running.secret.encode()):
            return web.Response(status=404)  # the same for both: nobody learns which paths there are
        try:
            update = Update.model_validate(json.loads(await request.read()), context={"bot": running.bot})
        except (ValueError, RecursionError, ValidationError) as error:
            log.warning("telegram.no_update", why=type(error).__name__)
            return web.Response(status=400)
        await asyncio.shield(running.lanes.begin(update))
        return web.Response()

    app = web.Application(client_max_size=_LARGEST)
    app.router.add_post("/telegram/{hook}", take)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
