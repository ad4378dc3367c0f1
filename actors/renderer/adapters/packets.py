"""Encoded packets kept on disk until they are written, so that memory does not grow with length."""

from __future__ import annotations

import os
import struct
import weakref
from collections.abc import Iterable, Iterator
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from av.packet import Packet

__all__ = ["Packets", "copied"]

_HEAD = struct.Struct("<qqqI?")


class Packets:
    """Packets of one stream in the order in which they came. Several may read them at once, but none while adding.

    Its file has no name, and goes with the object or the process. `folder`: where it lies.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  # closed with the object
        self._base: Fraction | None = None
        weakref.finalize(self, self._file.close)

    def extend(self, packets: Iterable[Packet[Any]]) -> None:
        """Keep packets of an encoder, which knows their times."""
        for packet in packets:
            data, self._base = bytes(packet), packet.time_base
            times = (packet.pts or 0, packet.dts or 0, packet.duration or 0)
            self._file.write(_HEAD.pack(*times, len(data), packet.is_keyframe))
            self._file.write(data)

    def __iter__(self) -> Iterator[Packet[Any]]:
        """Each as a packet of the reader's own: muxing changes the times of what it is given."""
        self._file.flush()
        place, number = 0, self._file.fileno()
        while head := os.pread(number, _HEAD.size, place):
            pts, dts, duration, size, key = _HEAD.unpack(head)
            yield _packet(os.pread(number, size, place + _HEAD.size), self._base, (pts, dts, duration), key=key)
            place += _HEAD.size + size

    @property
    def checksum(self) -> str:
        """SHA-256 of what the packets hold, one after the other."""
        found = sha256()
        for packet in self:
            found.update(bytes(packet))
        return found.hexdigest()


def copied(packet: Packet[Any]) -> Packet[Any]:
    """The same packet for another file."""
    times = (packet.pts, packet.dts, packet.duration)
    return _packet(bytes(packet), packet.time_base, times, key=packet.is_keyframe)


def _packet(
    data: bytes, base: Fraction | None, times: tuple[int | None, int | None, int | None], *, key: bool
) -> Packet[Any]:
    packet: Packet[Any] = Packet(data)
    if base is not None:
        packet.time_base = base
    packet.pts, packet.dts, packet.duration = times
    packet.is_keyframe = key
    return packet
