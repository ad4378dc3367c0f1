"""The way out: a user is deleted, with everything that nobody else has."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from contracts import asks
from contracts.keys import candidate_uri, clip_prefix, prints_prefix, render_prefix, scan_uri
from contracts.publishing import Account
from gateway.projection.database import forget
from gateway.projection.reads import ReadModels
from gateway.users.audit import Came
from gateway.users.identities import Identities
from gateway.users.ownership import Asking, Ownership
from gateway.users.principal import Principal, User
from gateway.users.statements import statement
from runtime.channels import Channels
from runtime.errors import ClipwireError
from runtime.media import MediaStore

__all__ = ["Leaving", "Left"]

_PATIENCE_S = 90.0


@dataclass
class Left:
    """How much was removed, and what is left to do because somebody else has it."""

    removed: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Leaving:
    """See the module's docstring. `uploads`: where this door keeps what was sent to it."""

    identities: Identities
    ownership: Ownership
    reads: ReadModels
    channels: Channels
    media: MediaStore
    bus: Asking
    uploads: Path

    async def delete(self, user: User, *, by: Principal, came: Came) -> Left:
        """Delete a user. When it is interrupted, the user is disabled, and deleting them again goes on.

        The stream keeps its facts with the user's id alone; what was published stays where it is.
        """
        left = Left()
        accounts = await self.ownership.accounts(user.id)  # where that is not told, nothing has begun
        await self.identities.users.change(user.id, disabled=True)
        await self.identities.sessions.end_all(user.id)
        self.identities.forget()
        await self._accounts(accounts, left)
        await self._telegram(user, left)
        await self._channels(user, left)
        await self._files(user, left)
        await forget(self.reads.pool, user.id)
        await self.identities.users.delete(user.id)
        await self.identities.audit.unname(user.id, user.name)
        who = None if by.owner == user.id else by
        await self.identities.audit.write("user.deleted", who, came, about=user.id, removed=left.removed)
        return left

    async def _accounts(self, accounts: Iterable[Account], left: Left) -> None:
        """Their tokens are forgotten, and taken back where the platform can be told."""
        for account in accounts:
            try:
                told = await self.bus.ask(asks.REMOVE, asks.Remove(account_id=account.account_id), within=_PATIENCE_S)
                left.notes += [] if told.revoked else [f"{account.account_id}: {told.note}"]
                left.removed["accounts"] = left.removed.get("accounts", 0) + 1
            except ClipwireError as error:
                left.notes.append(f"{account.account_id} was not removed: {error}")

    async def _telegram(self, user: User, left: Left) -> None:
        """Bots and linked chats, of which only their own door knows. Without it nobody is heard there either."""
        try:
            told = await self.bus.ask(asks.TELEGRAM_SHOWN, asks.WhichUser(user_id=user.id))
            for bot in told.bots:
                await self.bus.ask(asks.TELEGRAM_REMOVE, asks.WhichBot(user_id=user.id, bot_id=bot.bot_id))
            chats = [chat for chat in told.chats if chat.bot_id not in {bot.bot_id for bot in told.bots}]
            for chat in chats:
                which = asks.WhichChat(user_id=user.id, bot_id=chat.bot_id, chat_id=chat.chat_id)
                await self.bus.ask(asks.TELEGRAM_UNLINK, which)
            left.removed |= {"bots": len(told.bots), "chats": len(told.chats)}
        except ClipwireError as error:
            if await self.reads.pool.fetchval(statement("leaving.sql", "ever_had_bots")):
                left.notes.append(f"chats and bots of Telegram were not removed: {error}")

    async def _channels(self, user: User, left: Left) -> None:
        own = [channel.channel_id for channel in await self.channels.all() if channel.owner == user.id]
        for channel_id in own:
            await self.channels.remove(channel_id)
        left.removed["channels"] = len(own)

    async def _files(self, user: User, left: Left) -> None:
        renders = [row["render_id"] for row in await self.reads.only("renders", user.id)]
        candidates = await self.reads.only("candidates", user.id)
        ids = [row["candidate_id"] for row in candidates]
        folders = [*map(render_prefix, renders), *map(clip_prefix, ids), *map(prints_prefix, ids)]
        files = [uri for folder in folders for uri in await self.media.list(folder)]
        files += [*map(candidate_uri, ids), *await self._written_down(user)]
        freed = [await self.media.delete(uri) for uri in files]
        left.removed |= {"files": sum(size > 0 for size in freed), "bytes": sum(freed)}
        left.removed["uploads"] = await asyncio.to_thread(
            _remove_uploads, self.uploads, [row["url"] for row in candidates if row["url"]]
        )

    async def _written_down(self, user: User) -> list[str]:
        """What the archive says of their shorts and publications, and what discovery found for them."""
        manifests = await self.reads.pool.fetch(statement("leaving.sql", "only_manifests"), user.id)
        scans = await self.reads.pool.fetch(statement("leaving.sql", "scans"), user.id)
        return [row["uri"] for row in manifests] + [scan_uri(row["id"]) for row in scans]


def _remove_uploads(uploads: Path, urls: Iterable[str]) -> int:
    """Delete what was sent to this door; an address that leads elsewhere is none of that."""
    removed = 0
    for url in urls:
        parts = urlsplit(url)
        folder = Path(unquote(parts.path)).parent
        if parts.scheme == "file" and folder.parent == uploads.absolute() and folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
