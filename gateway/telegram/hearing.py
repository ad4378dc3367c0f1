"""Follows the stream and changes the cards of every chat: each batch and its place in the stream in one transaction."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any

import asyncpg
import structlog
from pydantic import ValidationError

from contracts import events as e
from contracts.envelope import Event
from contracts.keys import candidate_uri, render_uri
from contracts.media import Candidate
from contracts.renders import Render
from contracts.work import Channel
from gateway.projection.reads import ReadModels
from gateway.telegram.cards import Card, Order, Video
from gateway.telegram.news import SUBJECTS, Change, Known, changes
from gateway.telegram.page import Page
from gateway.telegram.people import People
from gateway.telegram.rows import Link
from gateway.telegram.store import Store
from runtime.bus import Bus, StoredEvent
from runtime.channels import Channels
from runtime.database import DatabaseErrors
from runtime.errors import MediaMissing, Reject, Retry
from runtime.media import MediaStore

__all__ = ["Hearing"]

log = structlog.get_logger(__name__)

_BATCH = 50
_TABLES = ("render", "publication", "candidate")
_KNOWN_WITHIN_S = 3.0
_PROGRESS_S = 4.0


class Hearing:
    """`news`: called when there may be something to say. `bugs`: counts what nobody foresaw."""

    def __init__(
        self,
        *,
        bus: Bus,
        store: Store,
        reads: ReadModels,
        media: MediaStore,
        channels: Channels,
        people: People,
        news: Callable[[], None],
        bugs: Counter[str],
    ) -> None:
        self._bus = bus
        self._store = store
        self._reads = reads
        self._media = media
        self._channels = channels
        self._news = news
        self._people = people
        self._bugs = bugs
        self._reported: dict[str, float] = {}

    async def run(self) -> None:
        """Follow the stream until it is cancelled. What is away is waited for."""
        pause = 0.2
        while True:
            try:
                position, created = await self._position()
                async with aclosing(self._bus.read(after=position, subjects=SUBJECTS, batch=_BATCH)) as batches:
                    async for messages in batches:
                        await self._hear(messages, created)
                        self._news()
                        pause = 0.2
            except (*DatabaseErrors, asyncpg.PostgresError, Retry) as error:
                log.warning("telegram.does_not_hear", why=type(error).__name__, again_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(10.0, pause * 2)

    async def watch(self) -> None:
        """Show live progress, now and then; nothing of it is kept on the stream, so nothing of it counts."""
        async for report in self._bus.watch_progress():
            now = asyncio.get_running_loop().time()
            if report.done is None or now - self._reported.get(report.entity, -_PROGRESS_S) < _PROGRESS_S:
                continue
            self._reported = {key: at for key, at in self._reported.items() if now - at < _PROGRESS_S}
            self._reported[report.entity] = now
            share = report.done

            def change(card: Any, share: float = share) -> Any:
                going = isinstance(card, Video) and card.state in {"approved", "downloaded", "transcribed"}
                return card.model_copy(update={"progress": share}) if going else card

            try:
                showing = await self._store.showing(report.entity)
                async with self._store.transaction() as page:
                    for link in showing:
                        await page.change(link, report.entity, change)
            except (*DatabaseErrors, asyncpg.PostgresError, ValidationError):
                continue  # nothing of it counts
            self._news()

    async def _position(self) -> tuple[int, datetime]:
        """Where to go on. The first time that is the end of the stream: nobody had been linked before."""
        state, there = await self._bus.stream_state(), await self._store.position()
        if there is not None and there[1] == state.created and there[0] <= state.last:
            return there
        position = state.last if there is None else 0
        async with self._store.transaction() as page:
            await page.forget_sequences()
            await page.move_position(position, state.created)
        return position, state.created

    async def _hear(self, messages: list[StoredEvent], created: datetime) -> None:
        heard: list[tuple[int, Event[Any]]] = []
        for message in messages:
            try:
                heard.append((message.sequence, message.event()))
            except (Reject, ValueError, RecursionError):
                continue  # what fits no contract is answered with `work.failed` by whoever it was for
        await self._projected(messages[-1].sequence)
        told = [(sequence, event, news) for sequence, event in heard if (news := await self._changes(event))]
        audiences = {owner: await self._audience(owner) for owner in {event.owner for _, event, _ in told}}
        async with self._store.transaction() as page:
            for sequence, event, news in told:
                for link in audiences[event.owner]:
                    await self._tell(page, link, event, news, sequence)
            await page.move_position(messages[-1].sequence, created)

    async def _tell(self, page: Page, link: Link, event: Event[Any], news: list[Change], sequence: int) -> None:
        try:
            async with page.connection.transaction():
                for change in news:
                    await _apply(page, link, change, sequence, event.owner)
        except (*DatabaseErrors, asyncpg.PostgresError):
            raise
        except Exception:
            # A card of another version, or a bug. The stream is heard in its order, and this place would be come to
            # again after every start: one card that cannot be changed would silence every chat for ever.
            self._bugs["card"] += 1
            log.exception("telegram.bug", subject=event.type, event_id=event.id, so_far=self._bugs.total())

    async def _changes(self, event: Event[Any]) -> list[Change]:
        try:
            return changes(event.data, await self._known(event.data, event.owner or ""))
        except (*DatabaseErrors, asyncpg.PostgresError, Retry):
            raise
        except Exception:
            # A row of the read models or a document of another version, or a bug: as with a card, one event that
            # cannot be told would silence every chat for ever.
            self._bugs["event"] += 1
            log.exception("telegram.bug", subject=event.type, event_id=event.id, so_far=self._bugs.total())
            return []

    async def _audience(self, owner: str | None) -> list[Link]:
        """A user's things are theirs, unless they are locked; what is the operator's, every admin hears of."""
        links = await self._store.audience(owner)
        if owner is not None:
            return links if links and await self._people.person(owner) is not None else []
        admins = []
        for link in await self._store.everybody():
            person = await self._people.person(link.user_id) if link.user_id is not None else None
            if person is not None and person.role == "admin":
                admins.append(link)
        return links + admins

    async def _projected(self, sequence: int) -> None:
        """Wait a moment until the read models hold these events too; what they do not hold then is left out."""
        for _ in range(int(_KNOWN_WITHIN_S / 0.05)):
            if await self._reads.checkpoint() >= sequence:
                return
            await asyncio.sleep(0.05)
        log.info("telegram.views_are_late", sequence=sequence)

    async def question(self, link: Link, row: Mapping[str, Any]) -> Callable[[Page], Awaitable[None]]:
        """What writes down a question of the read models, for a chat that was linked after it was asked."""
        asked = e.ApprovalAsked.model_validate({name: row[name] for name in e.ApprovalAsked.model_fields})
        news = changes(asked, await self._known(asked, row["owner"]))

        async def write(page: Page) -> None:
            for change in news:
                await _apply(page, link, change, 0, row["owner"] or None)

        return write

    async def _known(self, data: Any, owner: str) -> Known:
        if isinstance(data, e.RenderDone):
            return await self._of_render(data.render, data.channel_id, owner)
        if isinstance(data, e.ApprovalAsked) and data.about == "render":
            render = await self._read(render_uri(data.id), Render)
            return await self._of_render(render, data.channel_id, owner)
        if isinstance(data, e.ApprovalAsked):
            row = await self._reads.one("candidate", data.id, owner=owner) or {}
            candidate = await self._read(candidate_uri(data.id), Candidate)
            told = row.get("candidate")
            if candidate is None and told is not None:
                candidate = Candidate.model_validate(told)
            return Known(candidate=candidate, score=row.get("score"))
        if isinstance(data, e.PublishUnconfirmed):
            render = await self._read(render_uri(data.render_id), Render)
            row = await self._reads.one("publication", data.key, owner=owner) or {}
            channel = await self._channel(row.get("channel_id") or "default")
            return Known(channel=channel, title=row.get("title") or (render.title if render else ""))
        if isinstance(data, e.WorkFailed):
            return await self._of_failure(data, owner)
        return Known()

    async def _of_render(self, render: Render | None, channel_id: str, owner: str) -> Known:
        """The moment that it shows has a score and a reason."""
        channel = await self._channel(channel_id)
        if render is None:
            return Known(channel=channel)
        row = await self._reads.one("clip", render.clip_id, owner=owner) or {}
        moment: dict[str, Any] = next(
            (
                each
                for each in row.get("moments") or ()
                if abs(each["start"] - render.start) < 0.5 and abs(each["end"] - render.end) < 0.5
            ),
            {},
        )
        return Known(channel=channel, render=render, score=moment.get("score"), why=moment.get("reason") or "")

    async def _of_failure(self, data: e.WorkFailed, owner: str) -> Known:
        """What it was about, by its title, and the command that would try it again."""
        failure = data.failure
        again = await self.again(failure.entity, failure.subject, failure.kind, owner)
        for table in _TABLES:
            row = await self._reads.one(table, failure.entity, owner=owner)
            if row is not None:
                clip = row.get("clip_id") if table == "render" else None
                return Known(title=row.get("title") or "", again=again, clip_id=clip)
        return Known(again=again)

    async def again(self, entity: str, subject: str, kind: str, owner: str) -> Order | None:
        """The command that would try again what failed; None where the same would fail the same way."""
        body: dict[str, Any] | None = None
        name = ""
        if kind == "invalid":
            return None
        if entity.startswith("r_"):
            row = await self._reads.one("render", entity, owner=owner) or {}
            name, body = "render.requested", row.get("request")
        elif entity.startswith("p_"):
            row = await self._reads.one("publication", entity, owner=owner) or {}
            if row.get("state") == "done":
                return None  # what is out is not published again, and what was wanted of it is not known here
            told = {field: row.get(field) for field in ("render_id", "account_id", "channel_id", "title")}
            name, body = "publish.requested", told if told["render_id"] else None
        elif subject.startswith(("candidate.", "clip.")):
            row = await self._reads.one("candidate", entity, owner=owner) or {}
            # What was found is known by its id; what somebody pointed at, by its address alone.
            told = {"candidate_id": entity} if row.get("found_sequence") else {"url": row.get("url")}
            name, body = "candidate.approved", {**told, "channel_id": row.get("channel_id")} if row else None
        if not body or body.get("url", "") is None:
            return None
        body = {field: value for field, value in body.items() if value is not None}
        return Order(subject=name, body=body, owner=owner)

    async def _channel(self, channel_id: str) -> Channel | None:
        try:
            return await self._channels.get(channel_id)
        except Reject:  # nobody made it, or somebody removed it since
            return None

    async def _read(self, uri: str, model: Any) -> Any:
        try:
            return await self._media.read(uri, model)
        except (MediaMissing, ValueError):
            return None


async def _apply(page: Page, link: Link, change: Change, sequence: int, owner: str | None) -> None:
    if change.where is not None and not await _follows(page, link, change.where):
        return

    def owned(card: Card | None) -> Card | None:
        after = change.change(card)
        return after.model_copy(update={"owner": owner}) if after is not None else None

    await page.change(link, change.thing, owned, sequence)


async def _follows(page: Page, link: Link, thing: str) -> bool:
    kept = await page.card(link, thing)
    return kept is not None and isinstance(kept.card, Video) and kept.card.followed
