"""The owner of a webhook that was disabled is told, where they are told of everything else that needs a person."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlsplit

from contracts.envelope import Event
from contracts.events import WorkFailed
from contracts.ids import event_id
from contracts.subjects import WORK_FAILED
from contracts.work import Failure
from gateway.hooks.statements import statement
from gateway.projection.projector import EventLog
from runtime.bus import Stored, new_command
from runtime.database import Pool

__all__ = ["Telling", "tell_owners"]


class Telling(EventLog, Protocol):
    """The bus, as far as webhooks need it."""

    async def publish(self, event: Event[Any]) -> Stored:
        """See `runtime.bus.Bus.publish`."""
        ...


async def tell_owners(pool: Pool, bus: Telling) -> None:
    """Say `work.failed` of each webhook that was disabled, once. Raises `DatabaseErrors`, and `Retry` of the bus."""
    for row in await pool.fetch(statement("webhooks.sql", "unsaid")):
        webhook, at, host = row["webhook_id"], row["disabled_at"], urlsplit(row["url"]).hostname
        ident = str(event_id(f"{webhook}|{at.isoformat()}", WORK_FAILED.name, webhook))
        failure = Failure(
            stage="webhook",
            subject="webhook",
            event_id=ident,
            entity=webhook,
            kind="exhausted",
            what=f"nothing is sent to the webhook at {host} any more: {row['disabled_reason']}",
            advice=f"See that the receiver takes what it is sent, then let it begin anew: PATCH "
            f'/api/v1/webhooks/{webhook} with {{"paused": false}}. What happens until then is not sent',
        )
        told = WorkFailed(failure=failure)
        await bus.publish(new_command(WORK_FAILED, told, source="gateway", id=ident, owner=row["owner"]))
        await pool.execute(statement("webhooks.sql", "say"), webhook, at)
