"""Samples kept on disk between two passes, so that no source is decoded twice and memory does not grow with length."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

import numpy as np

from actors.renderer.adapters.sound.samples import Samples

__all__ = ["Spool"]

_HEAD = struct.Struct("<If")
_FULL = 32767


class Spool:
    """Blocks in the order in which they came: 16 bits a sample and a scale for each block, so that nothing clips.

    192 kB for a second. The rounding is 98 dB below the loudest sample of the block, far below what AAC leaves.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115  # closed by `close`; it has no name and goes with the process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, block: Samples) -> None:
        """Keep one block."""
        scale = float(np.abs(block).max(initial=0.0)) or 1.0
        self._file.write(_HEAD.pack(block.shape[1], scale))
        self._file.write(np.rint(block * (_FULL / scale)).astype("<i2").tobytes())

    def blocks(self) -> Iterator[Samples]:
        """All of them from the first one on, in the same lengths. One reader at a time, and none while adding."""
        self._file.seek(0)
        while head := self._file.read(_HEAD.size):
            length, scale = _HEAD.unpack(head)
            raw = np.frombuffer(self._file.read(4 * length), "<i2").reshape(2, length)
            yield raw.astype(np.float32) * np.float32(scale / _FULL)
