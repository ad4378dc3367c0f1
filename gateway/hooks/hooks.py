"""Everything about webhooks that the HTTP door needs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from contracts.audit import AuditEntry
from gateway.hooks.follows import Follows
from gateway.hooks.secrets import Vault
from gateway.hooks.sender import Sender
from gateway.hooks.settings import HookSettings
from gateway.hooks.statements import SQL
from gateway.hooks.webhooks import Webhooks
from gateway.projection.projector import EventLog
from gateway.users.audit import Audit
from runtime.database import Pool, migrate
from runtime.guard import guarded
from runtime.http import bounded_client

__all__ = ["Hooks", "open_hooks"]

_LARGEST_ANSWER = 1 << 20


class Telling(EventLog, Protocol):
    """The bus, as far as webhooks need it."""

    async def announce(self, entry: AuditEntry) -> None:
        """See `runtime.bus.Bus.announce`."""
        ...


@dataclass(frozen=True)
class Hooks:
    """Collaborators of the routes, and what works beside them."""

    settings: HookSettings
    webhooks: Webhooks
    follows: Follows
    _pool: Pool
    _vault: Vault

    async def run(self, bus: Telling) -> None:
        """Send, and keep the hub's leases, until it is cancelled."""
        private, hub = self.settings.private_hosts, urlsplit(self.settings.websub_base_url).hostname or ""
        async with (
            guarded(bounded_client(_LARGEST_ANSWER), private, setting="CLIPWIRE_WEBHOOK_PRIVATE_HOSTS") as receivers,
            guarded(bounded_client(_LARGEST_ANSWER), {hub}, setting="CLIPWIRE_WEBSUB_BASE_URL") as hubs,
            asyncio.TaskGroup() as group,
        ):
            audit = Audit(self._pool, bus.announce)
            group.create_task(Sender(self._pool, bus, audit, self._vault, receivers).run())
            group.create_task(self.follows.run(hubs))


async def open_hooks(pool: Pool, settings: HookSettings, *, home: Path) -> Hooks:
    """Over a database with the schema `users`; `home`: where the key of the secrets lies."""
    await migrate(pool, SQL)
    vault = Vault(home)
    return Hooks(
        settings=settings,
        webhooks=Webhooks(
            pool, vault, most=settings.webhooks_per_owner, keep=timedelta(days=settings.webhook_keep_days)
        ),
        follows=Follows(pool, vault, hub=settings.websub_base_url, most=settings.webhooks_per_owner),
        _pool=pool,
        _vault=vault,
    )
