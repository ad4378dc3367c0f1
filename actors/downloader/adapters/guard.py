"""Keeps a child process from connecting to anything but public addresses, whatever library does the connecting.

An audit hook (PEP 578) sees every `connect` and `sendto` of Python's sockets with the address that the kernel
gets, after names were resolved. Redirects and names that change their address between two look-ups cannot get
round it, and a hook cannot be taken away again. What would connect outside of Python's sockets is shut: programs
other than the JavaScript runtimes may not be started, and libraries that connect in C are not importable.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from runtime.addresses import is_private

__all__ = ["AddressRefusedError", "Guard"]

_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_STARTS = frozenset({"os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "pty.spawn"})


class AddressRefusedError(PermissionError):
    """Raised from inside `connect`; libraries treat it as any failed connection."""


class Guard:
    """Watches this process once `install` was called. `refused`: the addresses that were asked for and refused."""

    def __init__(self, *, allow_private: bool, proxy: str | None, programs: Iterable[str]) -> None:
        self.refused: list[str] = []
        self._allow_private = allow_private
        self._programs = frozenset(programs)
        self._proxy = _addresses(proxy) if proxy else frozenset()

    def install(self) -> None:
        """From now on, for the life of the process."""
        # They connect in C, where no hook sees it. None is the documented way to make an import fail.
        missing: dict[str, Any] = dict.fromkeys(("curl_cffi", "pycurl"))
        sys.modules.update(missing)
        sys.addaudithook(self._heard)

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _CONNECTS:
            self._check_address(args[1])
        elif event == "subprocess.Popen":
            self._check_program(args[0], args[1])
        elif event in _STARTS:
            raise PermissionError(f"{event} is not allowed while downloading")

    def _check_address(self, address: Any) -> None:
        if self._allow_private or address is None:  # none: sendmsg on a socket that is connected, and was checked then
            return
        host, port = (str(address[0]), int(address[1])) if isinstance(address, tuple) else (str(address), 0)
        if (host, port) in self._proxy or not is_private(host):
            return
        self.refused.append(host)
        raise AddressRefusedError(f"{host} is not a public address")

    def _check_program(self, executable: Any, arguments: Any) -> None:
        name = PurePath(str(executable or arguments[0])).stem
        if name not in self._programs:
            raise PermissionError(f"{name} may not be started while downloading")


def _addresses(proxy: str) -> frozenset[tuple[str, int]]:
    """Every address of the proxy: those may be connected to, wherever they are."""
    parts = urlsplit(proxy)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 1080)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    return frozenset((str(info[4][0]), int(info[4][1])) for info in found)
