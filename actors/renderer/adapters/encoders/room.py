"""Address space for a driver: it reserves many gigabytes that it never writes to."""

from __future__ import annotations

import sys

__all__ = ["make_room"]


def make_room() -> None:
    """Move the memory limit of this process from its address space to what it can write to.

    A hostile file is held as before; what is only reserved no longer counts (getrlimit(2): `RLIMIT_DATA` limits private
    writable mappings since Linux 4.7). Where there is no limit, or none of that kind, nothing happens.
    """
    if sys.platform != "linux":
        return
    import resource

    limit, most = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
