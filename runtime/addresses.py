"""Which network addresses are anybody's to ask."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

__all__ = ["is_private", "is_private_host"]

_UNICAST = ip_network("2000::/3")
"""All that is given out to anybody (RFC 4291, section 2.4): the rest of IPv6 is local, reserved or an IPv4 address."""
_NAT64 = ip_network("64:ff9b::/96")
_MAPPED = ip_network("::ffff:0:0/96")
_LOCAL = (ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24"), ip_network("3fff::/20"))
"""Special by IANA's registries and not for every Python: protocols (a cloud's metadata), a 6to4 relay, examples."""


def is_private(address: str) -> bool:
    """Whether an IP address is anything but public, even in disguise: loopback, private, reserved, multicast."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return True  # a name, or a socket in the file system: not an address that could be shown to be public
    if isinstance(ip, IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            return is_private(str(inner))
        if ip not in _UNICAST:
            return True
    return not ip.is_global or ip.is_multicast or any(ip in network for network in _LOCAL)


def is_private_host(host: str) -> bool:
    """Whether the host of an address tells by itself that it is not public, in whatever spelling; asks nobody.

    False for other names: what they stand for is seen when they are looked up.
    """
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        # As the system's resolver reads it: 127.1, 0x7f000001, 0177.0.0.1 and 2130706433 are all 127.0.0.1.
        return is_private(socket.inet_ntoa(socket.inet_aton(name)))
    except (OSError, UnicodeEncodeError):
        return ":" in name and is_private(name)


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address in an IPv6 one (RFC 4291 mapped, RFC 3056 6to4, RFC 4380 Teredo, RFC 6052 NAT64)."""
    if ip in _MAPPED or ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.sixtofour is not None:
        return ip.sixtofour
    return ip.teredo[1] if ip.teredo is not None else None
