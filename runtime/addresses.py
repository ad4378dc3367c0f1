"""Which network addresses are anybody's to ask."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

__all__ = ["is_private"]

_NAT64 = ip_network("64:ff9b::/96")


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
    return not ip.is_global or ip.is_multicast


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address in an IPv6 one (RFC 4291 mapped, RFC 3056 6to4, RFC 4380 Teredo, RFC 6052 NAT64)."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    return IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
