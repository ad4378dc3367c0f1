"""The event feed over a WebSocket: the same events, filter, limits and places as `GET /events`, as JSON messages.

| the server sends | |
| --- | --- |
| `{"ready": 12}` | first: behind which sequence it begins |
| `{"sequence": 13, "subject": "render.done", "event": {…}}` | a CloudEvent |
| `{"sequence": 14, "malformed": {…}}` | a stored message that is no event |
| `{"progress": {…}}` | live progress, where it was asked for |
| `{"reset": "…"}` | the stream was made anew; this is all of it |
| `{"at": 20}` | nothing new; up to here everything was sent |
"""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing, suppress
from math import ceil
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.http.context import Context
from gateway.http.problems import ProblemError
from gateway.http.stream import Feed, begin_feed, malformed
from gateway.http.tail import Entry, Follower
from gateway.users.principal import Principal
from runtime.errors import ClipwireError
from runtime.tasks import until_one_ends

__all__ = ["router"]

router = APIRouter()
_TOKEN_WITHIN_S = 10.0
_PROTOCOL = "clipwire"
# RFC 6455, section 7.4.1, and the range of it that is ours.
_POLICY, _GOING_AWAY, _TRY_LATER = 1008, 1001, 1013


class _Wish(BaseModel):
    """The query of the address."""

    model_config = ConfigDict(extra="forbid")

    subject: list[str] = []
    after: int | None = Field(default=None, ge=0)
    progress: bool = False


@router.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    """Events as they are stored. See the module's docstring."""
    context: Context = websocket.app.state.context
    # A browser fails the handshake when none of the subprotocols that it offered is chosen.
    await websocket.accept(_PROTOCOL if _PROTOCOL in websocket.scope["subprotocols"] else None)
    if waits := websocket.scope["waits"]:
        await websocket.close(_TRY_LATER, f"too many requests: the next one in {ceil(waits)} s")
        return
    try:
        by: Principal | None = websocket.scope.get("principal") or await _introduced(websocket, context)
        if by is None or not by.may("events:read"):
            await websocket.close(_POLICY, "no token that may read events")
            return
        feed = await begin_feed(context, by, **_wish(websocket).model_dump())
        with context.places.taken(feed.user):
            await _serve(websocket, context, feed)
    except ProblemError as error:
        await websocket.close(_TRY_LATER if error.status_code in {429, 503} else _POLICY, _short(error.detail))
    except ClipwireError as error:
        await websocket.close(_TRY_LATER, _short(error.what))
    except WebSocketDisconnect:
        return


def _wish(websocket: WebSocket) -> _Wish:
    query = websocket.query_params
    told = {name: query.getlist(name) if name == "subject" else query[name] for name in query}
    try:
        return _Wish.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise ProblemError(422, f"{name}: {first['msg']}", field=name) from None


async def _introduced(websocket: WebSocket, context: Context) -> Principal | None:
    """Who sends a token as the first message: `{"token": "…"}`."""
    try:
        async with asyncio.timeout(_TOKEN_WITHIN_S):
            said = json.loads(await websocket.receive_text())
        return await context.identities.principal(said["token"]) if isinstance(said["token"], str) else None
    except (TimeoutError, ValueError, KeyError, TypeError, RecursionError):  # KeyError: of bytes, too
        return None


async def _serve(websocket: WebSocket, context: Context, feed: Feed) -> None:
    stopping = websocket.app.state.stopping
    follower = Follower(feed.after, frozenset(feed.subjects), feed.owner)
    queue: asyncio.Queue[list[str]] = asyncio.Queue(maxsize=2)
    queue.put_nowait([json.dumps({"reset": "the stream was made anew"} if feed.lost else {"ready": feed.after})])
    work = [_write(websocket, context, follower, queue), _pump(context, follower, queue), _gone(websocket)]
    if feed.progress:
        work.append(_progress(context, feed.owner, queue))
    if feed.user:
        work.append(context.identities.until_over(feed.user))
    await until_one_ends(*work, stopping.wait())
    with suppress(TimeoutError, RuntimeError):  # RuntimeError: it is closed already
        async with asyncio.timeout(1):
            await websocket.close(_GOING_AWAY if stopping.is_set() else _POLICY)


async def _write(websocket: WebSocket, context: Context, follower: Follower, queue: asyncio.Queue[list[str]]) -> None:
    """Send what comes, and the place when nothing does; end when the client takes nothing for too long."""
    with suppress(TimeoutError):
        while True:
            for text in await _next(context, follower, queue):
                async with asyncio.timeout(context.settings.http_stall_s):
                    await websocket.send_text(text)


async def _next(context: Context, follower: Follower, queue: asyncio.Queue[list[str]]) -> list[str]:
    try:
        async with asyncio.timeout(context.settings.http_heartbeat_s):
            return await queue.get()
    except TimeoutError:
        return [json.dumps({"at": follower.place})] if follower.place is not None else []


async def _pump(context: Context, follower: Follower, queue: asyncio.Queue[list[str]]) -> None:
    async with aclosing(context.tail.follow(follower)) as pieces:
        async for entries in pieces:
            await queue.put([_message(entry) for entry in entries])


def _message(entry: Entry) -> str:
    if entry.why is not None:
        return json.dumps({"sequence": entry.sequence, "malformed": malformed(entry)})
    return f'{{"sequence":{entry.sequence},"subject":{json.dumps(entry.stored.subject)},"event":{entry.json}}}'


async def _progress(context: Context, owner: str | None, queue: asyncio.Queue[list[str]]) -> None:
    """Progress that nobody takes in time is worth nothing: it is dropped."""
    async with aclosing(context.bus.watch_progress()) as reports:
        async for report in reports:
            if owner in (None, report.owner):
                with suppress(asyncio.QueueFull):
                    queue.put_nowait([f'{{"progress":{report.model_dump_json(exclude_none=True)}}}'])


async def _gone(websocket: WebSocket) -> None:
    """What a client says after its token is not listened to."""
    message: Any = {}
    while message.get("type") != "websocket.disconnect":
        message = await websocket.receive()


def _short(text: str) -> str:
    """As long as the reason of a close may be: 123 bytes (RFC 6455, section 5.5.1)."""
    return text.encode()[:120].decode("utf-8", "ignore")
