"""The connection to NATS: it comes back for as long as it takes, and says what it was refused."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

from runtime.errors import Unavailable
from runtime.rights import inbox_of

__all__ = ["CONNECT_OPTIONS", "connect", "words_of"]

log = structlog.get_logger(__name__)

CONNECT_OPTIONS: dict[str, Any] = {
    # nats-py gives up after two minutes by default and notices a dead link after four; a bus that is away comes back.
    "max_reconnect_attempts": -1,
    "reconnect_time_wait": 0.5,
    "ping_interval": 10,
    "max_outstanding_pings": 3,
}


async def connect(url: str, *, name: str, within: float = 60.0) -> Client:
    """A connection that reconnects for ever. Raises `Unavailable` when there is no server within `within` seconds."""
    client = Client()
    last: list[Exception] = []

    async def on_error(error: Exception) -> None:
        if not client.is_connected and not last:
            log.info("nats.not_there_yet", error=words_of(error))
        elif client.is_connected:
            refused = "permissions violation" in str(error).lower()
            log.log(logging.ERROR if refused else logging.WARNING, "nats.connection", error=words_of(error))
        last[:] = [error]

    try:
        # `connect` itself tries again for ever, as the options say.
        async with asyncio.timeout(within):
            await client.connect(
                url,
                name=name,
                inbox_prefix=inbox_of(url),
                error_cb=on_error,
                connect_timeout=2,
                **CONNECT_OPTIONS,
            )
    except (OSError, NatsError, TimeoutError) as error:
        await client.close()
        raise Unavailable(
            f"no NATS server answers at {_without_password(url)} ({words_of(last[0] if last else error)})",
            advice="Start one (`clipwire up` does), or correct CLIPWIRE_NATS_URL",
        ) from None
    return client


def words_of(error: BaseException) -> str:
    """What an error says, or its kind where it says nothing."""
    return str(error) or type(error).__name__


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
