"""Keeps the publisher from asking what only this machine or its network can reach, whoever names the address.

Addresses of servers are typed in by people, and told by servers: where an account's data is, where a video is to be
sent. So every connection is looked at: before it is made, at all addresses that its name has, and once more at the
address that it was made to, before anything is sent, because a name may have changed meanwhile. Where a proxy is set in
the environment, the proxy connects, and decides.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import httpx

from runtime.addresses import is_private
from runtime.errors import Reject

__all__ = ["guarded"]

_SETTING = "CLIPWIRE_PUBLISHER_PRIVATE_HOSTS"


async def _addresses(host: str) -> list[str]:
    """All addresses that a name has now; none where it has none, which connecting says better."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(info[4][0]) for info in found]


def guarded(
    client: httpx.AsyncClient, hosts: Collection[str], addresses: Callable[[str], Awaitable[list[str]]] = _addresses
) -> httpx.AsyncClient:
    """The same client, which asks only https and public addresses but for `hosts`; else it raises `Reject`."""

    async def look(request: httpx.Request) -> None:
        host = request.url.raw_host.decode("ascii").lower()
        if host in hosts:
            return
        if request.url.scheme != "https":
            raise Reject(
                f"{host} would be asked without encryption, which shows passwords and tokens to the network",
                advice=f"Write https://; a server of your own that has no encryption is named in {_SETTING}",
            )
        request.extensions["trace"] = _look_at_connections(host, addresses)

    client.event_hooks = {**client.event_hooks, "request": [look]}
    return client


def _look_at_connections(
    host: str, addresses: Callable[[str], Awaitable[list[str]]]
) -> Callable[[str, dict[str, Any]], Awaitable[None]]:
    """A listener (httpcore's `trace`) for one request to `host`."""
    direct = False  # else it is a proxy that is connected to

    async def heard(event: str, told: dict[str, Any]) -> None:
        nonlocal direct
        if event == "connection.connect_tcp.started":
            direct = told["host"].lower() == host
            if direct and any(map(is_private, await addresses(host))):
                raise _refused(host)
        elif event == "connection.connect_tcp.complete" and direct:
            stream = told["return_value"]
            if is_private(stream.get_extra_info("server_addr")[0]):
                await stream.aclose()
                raise _refused(host)

    return heard


def _refused(host: str) -> Reject:
    return Reject(
        f"{host} is not a public address, or a name of none",
        advice=f"Give the address of a server in the internet; one of your own network is named in {_SETTING}",
    )
