"""Settings of the webhooks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from runtime.settings import Settings

__all__ = ["HookSettings"]


class HookSettings(Settings):
    """Where webhooks may be sent, and how YouTube's hub is reached."""

    webhook_private_hosts: Annotated[
        str,
        Field(
            description="names or addresses of servers, separated by commas, that webhooks may be sent to without "
            "https and in this machine's network, such as an n8n of your own; they are sent to no others there"
        ),
    ] = ""
    webhooks_per_owner: Annotated[int, Field(ge=1, le=1000, description="webhooks that a user may have at most")] = 20
    webhook_keep_days: Annotated[
        float,
        Field(
            gt=0,
            le=3650,
            description="days after which events are forgotten that were given up, or that wait for a webhook to which "
            "nothing is sent",
        ),
    ] = 30.0
    websub_base_url: Annotated[
        str, Field(pattern=r"^https?://", description="WebSub hub that tells of new videos of YouTube channels")
    ] = "https://pubsubhubbub.appspot.com"

    @property
    def private_hosts(self) -> frozenset[str]:
        """`webhook_private_hosts` as a set."""
        return frozenset(
            host.strip().strip("[]").lower() for host in self.webhook_private_hosts.split(",") if host.strip()
        )
