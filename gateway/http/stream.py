"""The event feed: server-sent events from any sequence of the stream (WHATWG HTML, section 9.2).

The id of each is its stream sequence, so a client that comes back with `Last-Event-ID` misses nothing. All feeds share
one reader of the stream, and a slow one reads by itself: see `tail`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from contracts.envelope import Progress
from contracts.subjects import SUBJECTS
from gateway.http.context import Context, Door, TheContext
from gateway.http.problems import ProblemError
from gateway.http.tail import Entry, Follower, Tail
from gateway.http.who import needs
from gateway.users.principal import Principal
from runtime.tasks import until_one_ends

__all__ = ["Feed", "begin_feed", "chosen_subjects", "frame", "malformed", "router"]

router = APIRouter(tags=["events"])
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


@router.get(
    "/events",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}, "description": "events, as they are stored"}},
)
async def events(
    context: TheContext,
    by: Annotated[Principal, needs("events:read")],
    subject: Annotated[
        list[str] | None, Query(description="`candidate.found`, or `candidate.*`; may be repeated")
    ] = None,
    after: Annotated[int | None, Query(ge=0, description="begin behind this sequence; 0: with the first event")] = None,
    progress: Annotated[bool, Query(description="live progress too, as events `progress` without an id")] = False,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> Response:
    """Events as they are stored, after the past that was asked for; without `after` or `Last-Event-ID` from now on.

    A user gets those of their own commands and what came of them; an admin gets all.
    """
    asked = _asked(after, last_event_id)
    return EventFeed(context, await begin_feed(context, by, subject=subject or [], after=asked, progress=progress))


async def begin_feed(context: Context, by: Principal, *, subject: list[str], after: int | None, progress: bool) -> Feed:
    """From where, of what and whose. Raises a 422 problem for a subject that there is not."""
    subjects = chosen_subjects(subject)
    last = (await context.bus.stream_state()).last
    # A client that knows more than there is comes from an earlier stream: it is told, and gets this one from its start.
    lost = after is not None and after > last
    begin = last if after is None else 0 if lost else after
    return Feed(begin, subjects, progress, lost, by.sees, by if by.user else None)


def chosen_subjects(asked: list[str]) -> tuple[str, ...]:
    """Subjects by name or family. Raises a 422 problem for one that there is not."""
    names = [subject.name for subject in SUBJECTS]
    chosen: list[str] = []
    for pattern in asked:
        fitting = [name for name in names if pattern in (name, f"{name.split('.')[0]}.*", "*", ">")]
        if not fitting:
            raise ProblemError(
                422,
                f"subject: {pattern!r} is none",
                advice=f"Subjects: {', '.join(names)}",
                field="subject",
                known=names,
            )
        chosen += fitting
    return tuple(dict.fromkeys(chosen))


def _asked(after: int | None, last_event_id: str | None) -> int | None:
    """The header counts more: a browser sends it when it comes back to an address that still says `after`."""
    if last_event_id is None or not last_event_id.strip():
        return after
    text = last_event_id.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ProblemError(422, "Last-Event-ID: a sequence of the stream", field="Last-Event-ID")
    return int(text)


@dataclass(frozen=True)
class Feed:
    """What one client asked for."""

    after: int
    subjects: tuple[str, ...]
    progress: bool
    lost: bool
    owner: str | None = None
    """Whose events; none: those of all."""
    user: Principal | None = None
    """Who has to stay let in for it to go on; none is the operator."""


def frame(data: str, *, event: str | None = None, ident: int | None = None) -> bytes:
    """One server-sent event. `data` is JSON in one line."""
    lines = [f"id: {ident}"] if ident is not None else []
    lines += [f"event: {event}"] if event else []
    return ("\n".join([*lines, f"data: {data}"]) + "\n\n").encode("utf-8", "replace")


def _frame(entry: Entry) -> bytes:
    if entry.why is not None:
        return frame(json.dumps(malformed(entry)), event="malformed", ident=entry.sequence)
    return frame(entry.json, event=entry.stored.subject, ident=entry.sequence)


def malformed(entry: Entry) -> dict[str, str | None]:
    """What is told of a stored message that is no event."""
    stored = entry.stored
    return {"subject": stored.subject, "why": entry.why, "body": stored.body.decode("utf-8", "replace")}


class EventFeed(Response):
    """Writes a feed until the client goes, or takes nothing for too long."""

    def __init__(self, context: Context, feed: Feed) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]  # Starlette's, of an empty body
        self.context = context
        self.feed = feed
        self.follower = Follower(feed.after, frozenset(feed.subjects), feed.owner)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, where there is a place."""
        with self.context.places.taken(self.feed.user):
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        stopping: asyncio.Event = scope["app"].state.stopping
        queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=2)
        work = [
            self._write(send, queue),
            _pump_events(self.context.tail, self.follower, queue),
            _gone(receive),
            stopping.wait(),
        ]
        if self.feed.progress:
            work.append(_pump_progress(self.context.bus, queue, self.feed.owner))
        if self.feed.user:
            work.append(self.context.identities.until_over(self.feed.user))
        await until_one_ends(*work)  # after a failure the client comes back to where it was
        if stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _write(self, send: Send, queue: asyncio.Queue[bytes]) -> None:
        """Send what comes, and a comment when nothing does; end when the client takes nothing for too long."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        body = self._greeting()
        with suppress(TimeoutError):
            while True:
                async with asyncio.timeout(self.context.settings.http_stall_s):
                    await send({"type": "http.response.body", "body": body, "more_body": True})
                body = await self._next(queue)

    def _greeting(self) -> bytes:
        """The place is said first: a client that goes before the first event comes back to it."""
        if self.feed.lost:
            return b"retry: 1000\n\n" + frame('{"why":"the stream was made anew; this is all of it"}', event="reset")
        return f"retry: 1000\nid: {self.feed.after}\n\n".encode()

    async def _next(self, queue: asyncio.Queue[bytes]) -> bytes:
        try:
            async with asyncio.timeout(self.context.settings.http_heartbeat_s):
                return await queue.get()
        except TimeoutError:
            # The place is told behind what is not shown, too: who comes back does not read it again.
            place = self.follower.place
            return b": alive\n\n" if place is None else f": alive\nid: {place}\n\n".encode()


async def _pump_events(tail: Tail, follower: Follower, queue: asyncio.Queue[bytes]) -> None:
    async with aclosing(tail.follow(follower)) as pieces:
        async for entries in pieces:
            await queue.put(b"".join(map(_frame, entries)))


async def _pump_progress(bus: Door, queue: asyncio.Queue[bytes], owner: str | None) -> None:
    """Progress that nobody takes in time is worth nothing: it is dropped."""
    async with aclosing(bus.watch_progress()) as reports:
        async for report in reports:
            if owner in (None, report.owner):
                with suppress(asyncio.QueueFull):
                    queue.put_nowait(_progress(report))


def _progress(report: Progress) -> bytes:
    return frame(report.model_dump_json(exclude_none=True), event="progress")


async def _gone(receive: Receive) -> None:
    message: Mapping[str, object] = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()
