"""Whose things a command may be about, and whose it becomes: asked by every door before it sends one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from contracts import asks
from contracts.base import Contract, Payload
from contracts.events import CandidateApproved, PublishRequested, RenderRequested
from contracts.publishing import Account
from contracts.renders import Recipe
from contracts.work import Channel
from gateway.projection.reads import ReadModels
from gateway.users.errors import ForeignError
from gateway.users.principal import Principal, User
from runtime.bus import StreamState
from runtime.channels import Channels
from runtime.errors import Reject

__all__ = ["Asking", "Ownership", "no_foreign_media", "of_owner"]

P = TypeVar("P", bound=Payload)
Q = TypeVar("Q", bound=Contract)
A = TypeVar("A", bound=Contract)
_DEFAULT = "default"
_OPERATOR = "operator"
_OUTBOX = "outbox:"
# The things that commands name, the most special first.
_THINGS = {"render_id": "render", "clip_id": "clip", "candidate_id": "candidate"}
_KNOWN_WITHIN_S = 2.0
# What the engine makes lies here, under names that anybody may guess: it is heard and seen by its owners alone.
_MADE = tuple(f"media://{folder}/" for folder in ("archive", "candidates", "clips", "discovery", "prints", "renders"))


class Asking(Protocol):
    """The bus, as far as it is asked here."""

    async def ask(self, question: asks.Ask[Q, A], data: Q, *, within: float = 30.0) -> A:
        """See `runtime.bus.Bus.ask`."""
        ...

    async def stream_state(self) -> StreamState:
        """See `runtime.bus.Bus.stream_state`."""
        ...


def of_owner(owner: str | None, sees: str | None) -> bool:
    """Whether what belongs to `owner` may be seen by one who sees what belongs to `sees` (none: everything)."""
    return sees is None or (owner or "") in (sees, _OPERATOR if sees == "" else sees)


class Ownership:
    """Whose things are whose. Every method may raise `DatabaseErrors`, and `Retry` where the bus does not answer."""

    def __init__(self, reads: ReadModels, channels: Channels, bus: Asking) -> None:
        self._reads = reads
        self._channels = channels
        self._bus = bus

    async def admit(self, data: P, by: Principal, *, uploaded: bool = False) -> tuple[P, str | None]:
        """The command as it may be sent, and its owner for the envelope.

        A user's `default` channel is their own. What an admin decides about somebody's thing stays theirs. `uploaded`:
        its files are ones that this door has stored. Raises `ForeignError` for what is not there or not theirs.
        """
        if by.user is None or by.sees is None:
            return await self._for_its_owner(data, by)
        if isinstance(data, CandidateApproved) and not uploaded:
            _no_local_files(data)
        pointed_at = isinstance(data, CandidateApproved) and data.url is not None  # anybody may name any video
        for table, key in () if pointed_at else _things(data):
            await self.known(table, key, by.sees)
        await self.account(by.sees, *_accounts(data))
        if isinstance(data, RenderRequested):
            no_foreign_media(data.recipe)
        channel_id: str | None = getattr(data, "channel_id", None)
        if channel_id is not None:
            channel = await self.channel(channel_id, by.user)
            data = data.model_copy(update={"channel_id": channel.channel_id})
        return data, by.owner

    async def known(self, table: str, key: str, sees: str | None) -> None:
        """Raises `ForeignError` for a candidate, clip, render or publication that is not seen.

        The read models may be a moment behind the stream: what is not there counts as unknown once they have caught
        up. When they do not, the command is let through, for the actor that gets it answers; but not to a user.
        """
        last: int | None = None
        for _ in range(int(_KNOWN_WITHIN_S / 0.05)):
            if await self._reads.one(table, key, owner=sees) is not None:
                return
            if last is None:
                last = (await self._bus.stream_state()).last
            elif await self._reads.checkpoint() >= last:
                break
            await asyncio.sleep(0.05)
        else:
            if sees is None:
                return
        if await self._reads.one(table, key, owner=sees) is None:
            raise ForeignError(
                f"there is no {table} {key!r}", advice=f"See GET /api/v1/{table}s for those that there are"
            )

    async def account(self, owner: str | None, *account_ids: str) -> None:
        """Raises `ForeignError` for an account that is not this user's (none: that is nobody's).

        The outbox has no accounts: any name is one, and a user's are those with their id.
        """
        asked = [each for each in account_ids if not _is_outbox_of(owner, each)]
        there = {each.account_id for each in await self.accounts(owner)} if asked else set()
        for account_id in asked:
            if account_id not in there:
                raise ForeignError(
                    f"there is no account {account_id!r}" + (" of this user" if owner else ""),
                    advice="See GET /api/v1/accounts; orders and channels of a user go to accounts of theirs, and to "
                    f"{_OUTBOX}<their id> and {_OUTBOX}<their id>-…",
                    field="account_id",
                )

    async def accounts(self, sees: str | None) -> list[Account]:
        """The connected accounts that are seen."""
        told = await self._bus.ask(asks.ACCOUNTS, asks.Nothing())
        return [account for account in told.accounts if of_owner(account.owner, sees)]

    async def channel(self, channel_id: str, user: User) -> Channel:
        """A user's channel; their `default` one is made when it is first needed. Raises `ForeignError`."""
        own = user.id if channel_id == _DEFAULT else channel_id
        try:
            there = await self._channels.get(own)
        except Reject as error:
            if error.field != "channel_id":  # it is there, and written wrong
                raise
            there = None
        if there is None and own == user.id:
            there = Channel(channel_id=own, title=f"{user.name}'s channel", owner=own, targets=(f"{_OUTBOX}{own}",))
            await self._channels.put(there)
        if there is None or not of_owner(there.owner, user.id):
            raise ForeignError(
                f"there is no channel {channel_id!r}", advice="See GET /api/v1/channels", field="channel_id"
            )
        return there

    async def _for_its_owner(self, data: P, by: Principal) -> tuple[P, str | None]:
        """An admin's own things come first; else the command is for whoever was last heard of with that thing.

        What an admin orders for accounts of somebody else, or in a channel of theirs, is for them, since the publisher
        follows nobody else's orders there.
        """
        owner, channel_id = by.owner, getattr(data, "channel_id", None)
        row = await self._last_heard_of(data, by)
        if row is not None:
            owner = row["owner"] or None
            if channel_id == _DEFAULT and row.get("channel_id"):
                data = data.model_copy(update={"channel_id": row["channel_id"]})
        # The outbox has no accounts: any name is one.
        if owner is not None and (named := [each for each in _accounts(data) if not each.startswith(_OUTBOX)]):
            return data, await self._owner_of_all(owner, named)
        if channel_id is not None and (row is None or channel_id != _DEFAULT):
            owner = await self._owner_in(channel_id, owner)
        return data, owner

    async def _last_heard_of(self, data: Payload, by: Principal) -> dict[str, Any] | None:
        """The admin's own row of what a command names, else the row of whoever was last heard of with it."""
        for table, key in _things(data):
            for owner in (by.owner or "", None):
                row: dict[str, Any] | None = await self._reads.one(table, key, owner=owner)
                if row is not None:
                    return row
        return None

    async def _owner_of_all(self, owner: str, account_ids: Sequence[str]) -> str | None:
        """`owner`, or whoever else connected these accounts; None, the operator, where they are of several."""
        connected = {each.account_id: each.owner for each in await self.accounts(None)}
        owners = {connected.get(each, owner) for each in account_ids}
        return owners.pop() if len(owners) == 1 and _OPERATOR not in owners else None

    async def _owner_in(self, channel_id: str, owner: str | None) -> str | None:
        """Of what is ordered in a channel; `owner` where there is no such one, for the actor that needs it says so."""
        channels = await self._channels.all()
        return next((each.owner for each in channels if each.channel_id == channel_id), owner)


def _accounts(data: Payload) -> Sequence[str]:
    """The accounts that a command names."""
    if isinstance(data, PublishRequested):
        return (data.account_id,)
    return (data.accounts or ()) if isinstance(data, RenderRequested) else ()


def _is_outbox_of(owner: str | None, account_id: str) -> bool:
    return f"{account_id}-".startswith(_OUTBOX if owner is None else f"{_OUTBOX}{owner}-")


def _things(data: Payload) -> Iterator[tuple[str, str]]:
    """What a command names, as tables and keys. The id that a short will have is made from its order: it names none."""
    for field, table in _THINGS.items():
        if field in type(data).model_fields and (key := getattr(data, field)) is not None:
            yield table, key


def _no_local_files(data: CandidateApproved) -> None:
    """Files of this machine are its operator's; a user sends theirs."""
    for field in ("url", "captions_url"):
        address = getattr(data, field)
        if address is not None and urlsplit(address).scheme not in {"http", "https"}:
            raise Reject(
                f"{field}: only http and https addresses", advice="Upload the file to POST /api/v1/clips", field=field
            )


def no_foreign_media(*recipes: Recipe) -> None:
    """Music and pictures of a recipe are the operator's: no clip or short of anybody. Raises `Reject`."""
    for recipe in recipes:
        for field in ("music", "watermark_image"):
            if (getattr(recipe, field) or "").startswith(_MADE):
                raise Reject(
                    f"recipe.{field}: what is made here is in no recipe",
                    advice="Ask the operator to put the file into a folder of its own",
                    field=f"recipe.{field}",
                )
