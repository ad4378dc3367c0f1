"""Keeps a process from asking what only this machine or its network can reach, whoever names the address.

Addresses of servers are typed in by people, and told by servers: where an account's data is, where a video is to be
sent, where a redirect leads. So every connection is looked at when it is made: the name is looked up once, all the
addresses that it has must be public, and one of those is connected to. A name that changes its address meanwhile
changes nothing; name and certificate stay those of the request. Where a proxy is set in the environment, the proxy
looks up and connects, and decides; what tells by itself that it is not public is not asked of it either.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable

import httpcore
import httpx

from runtime.addresses import is_private, is_private_host
from runtime.errors import Reject

__all__ = ["LookUp", "addresses_of", "guarded"]

LookUp = Callable[[str, int], Awaitable[list[str]]]
"""All addresses that a name has now, the best first, for a port. Raises `OSError` where it has none."""


async def addresses_of(host: str, port: int) -> list[str]:
    """See `LookUp`: those of the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def guarded(
    client: httpx.AsyncClient,
    hosts: Collection[str],
    *,
    setting: str,
    encrypted: bool = True,
    look_up: LookUp = addresses_of,
) -> httpx.AsyncClient:
    """The same client, which asks public addresses alone but for `hosts`; else it raises `Reject`.

    `setting`: the variable that names `hosts`, for advice. `encrypted`: others than `hosts` are asked by https alone.
    """

    async def look(request: httpx.Request) -> None:
        host = request.url.raw_host.decode("ascii").lower()
        if host in hosts:
            return
        if encrypted and request.url.scheme != "https":
            raise Reject(
                f"{host} would be asked without encryption, which shows passwords and tokens to the network",
                advice=f"Write https://; a server of your own that has no encryption is named in {setting}",
            )
        if is_private_host(host):
            raise _refused(host, setting)

    transport = client._transport
    if not isinstance(transport, httpx.AsyncHTTPTransport) or not isinstance(
        pool := transport._pool, httpcore.AsyncConnectionPool
    ):
        raise TypeError("only a client that connects by itself can be guarded")
    # httpx hands its pool no backend. It is read before it is replaced, so that a pool without one is noticed.
    pool._network_backend = _Backend(pool._network_backend, frozenset(hosts), setting, look_up)
    client.event_hooks = {**client.event_hooks, "request": [look]}  # of every hop of a redirect, too
    return client


class _Backend(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that were looked at, and to no name."""

    def __init__(
        self, inner: httpcore.AsyncNetworkBackend, hosts: frozenset[str], setting: str, look_up: LookUp
    ) -> None:
        self._inner, self._hosts, self._setting, self._look_up = inner, hosts, setting, look_up

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """See `httpcore.AsyncNetworkBackend`."""
        try:
            async with asyncio.timeout(timeout):
                found = await self._look_up(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"the address of {host} was not found in time") from error
        except (OSError, UnicodeError) as error:  # the latter for a part of a name that is too long
            raise httpcore.ConnectError(f"{host} has no address") from error
        if host.lower() not in self._hosts and any(map(is_private, found)):
            raise _refused(host, self._setting)
        failure: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError(f"{host} has no address")
        for address in found:
            try:
                return await self._inner.connect_tcp(
                    address,
                    port,
                    timeout=None if timeout is None else timeout / len(found),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """See `httpcore.AsyncNetworkBackend`."""
        await self._inner.sleep(seconds)


def _refused(host: str, setting: str) -> Reject:
    return Reject(
        f"{host} is not a public address, or a name of none",
        advice=f"Give the address of a server in the internet; one of your own network is named in {setting}",
    )
