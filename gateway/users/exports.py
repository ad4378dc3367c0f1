"""Everything that a user owns, as one JSON document that is made while it is read."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel

from gateway.hooks.hooks import Hooks
from gateway.projection.reads import ReadModels
from gateway.users.identities import Identities
from gateway.users.ownership import Ownership
from gateway.users.principal import User
from runtime.channels import Channels

__all__ = ["Exports"]

_ROWS = 200
_LISTS = ("candidates", "clips", "renders", "publications", "failures", "approvals")
_MOST_HOOKS = 1000  # as many as the setting allows
_WEBHOOK = ("webhook_id", "url", "subjects", "note", "made_at", "paused", "disabled_reason")
_FOLLOW = ("follow_id", "youtube_id", "channel_id", "niche", "clips", "made_at")
_OTHERS = {"user_id": None, "name": "", "key": None, "address": ""}
"""Who did something to a user, and from where, is not that user's to take along."""


@dataclass(frozen=True)
class Exports:
    """See the module's docstring."""

    identities: Identities
    ownership: Ownership
    reads: ReadModels
    channels: Channels
    hooks: Hooks

    async def of(self, user: User) -> AsyncGenerator[bytes, None]:
        """The document, in pieces. No secret is in it: of tokens and passwords not even the hashes.

        Raises `Retry` before the first piece where somebody who has to be asked does not answer.
        """
        parts: dict[str, AsyncIterator[Any]] = {
            "sessions": _each(await self.identities.sessions.of(user.id)),
            "tokens": _each(await self.identities.tokens.of(user.id)),
            "accounts": _each(await self.ownership.accounts(user.id)),
            "channels": _each([channel for channel in await self.channels.all() if channel.owner == user.id]),
            "webhooks": _told(await self.hooks.webhooks.page(None, _MOST_HOOKS, user.id), _WEBHOOK),
            "follows": _told(await self.hooks.follows.page(None, _MOST_HOOKS, user.id), _FOLLOW),
            **{name: self._rows(name, user.id) for name in _LISTS},
            "audit": self._audit(user.id),
            "events": self._events(user.id),
        }
        return _document(user, parts)

    async def _rows(self, name: str, owner: str) -> AsyncIterator[Any]:
        place = "sequence" if name == "failures" else "first_sequence"
        filters = {"candidates": 3, "clips": 1, "renders": 2, "publications": 3, "failures": 1, "approvals": 0}[name]
        before: int | None = None
        while rows := await self.reads.page(name, before, _ROWS, *[None] * filters, owner=owner):
            for row in rows:
                file = f"/api/v1/renders/{row['render_id']}/media" if name == "renders" and row["render"] else None
                yield {**row, "file": file} if file else row
            before = rows[-1][place]

    async def _audit(self, user_id: str) -> AsyncIterator[Any]:
        before: int | None = None
        while rows := await self.identities.audit.page(before, _ROWS, user_id=user_id):
            for row in rows:
                own = row["user_id"] == user_id
                yield row if own else {**row, **_OTHERS}
            before = rows[-1]["id"]

    async def _events(self, owner: str) -> AsyncIterator[Any]:
        after = 0
        while rows := await self.reads.events_of(owner, after, _ROWS):
            for row in rows:
                yield row["body"]
            after = rows[-1]["sequence"]


async def _document(user: User, parts: dict[str, AsyncIterator[Any]]) -> AsyncGenerator[bytes, None]:
    yield b'{"user":' + _json(asdict(user))
    for name, items in parts.items():
        yield f',\n"{name}":['.encode()
        comma = b"\n"
        async for item in items:
            yield comma + _json(item)
            comma = b",\n"
        yield b"]"
    yield b"}\n"


async def _told(rows: list[dict[str, Any]], names: tuple[str, ...]) -> AsyncIterator[Any]:
    """Those columns alone: secrets lie beside them."""
    for row in rows:
        yield {name: row[name] for name in names}


async def _each(items: list[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item.model_dump(mode="json") if isinstance(item, BaseModel) else asdict(item)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")
