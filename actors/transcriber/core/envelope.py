"""How loud the voice band of a clip is, and where somebody speaks. Pure; no list as long as the clip is ever made.

Spans of time are bits of one large integer, bit `n` for the hundredth of a second `n`: Python shifts, joins and counts
the 3.6 million bits of ten hours in less than a millisecond.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from contracts.media import Stretch

__all__ = ["RATE", "Envelope", "bits"]

RATE = 100
"""Levels a second."""
_PER_DB = 2
_WINDOW, _HOP = 20 * RATE, 5 * RATE
_QUIET, _LOUD = 0.1, 0.9
"""Shares of a window below which its pauses, and above which its voices are taken to lie."""
_CONTRAST_DB = 9.0
"""Less between the two: voices and pauses cannot be told apart there (music, noise, silence)."""
_CLEAR_DB = 22.0
"""More: nothing but a voice on its own leaves such pauses."""
_FAINT_DB = 30.0
"""Decibels above the bottom of the scale below which nothing is a voice: -70 dBFS."""
_ABOVE_FLOOR = 0.4
"""Where between the two, in decibels, a voice begins."""
_SHORTEST_PAUSE, _SHORTEST_VOICE = 12, 6
"""Hundredths of a second: the closure of a plosive is no pause, a click no voice."""


@dataclass(frozen=True)
class Envelope:
    """`levels[n]`: RMS of the voice band in the 20 ms around hundredth `n`, in half decibels above -100 dBFS."""

    levels: bytes

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.levels) / RATE

    def level(self, n: int) -> float:
        """Decibels above -100 dBFS."""
        return self.levels[n] / _PER_DB

    @cached_property
    def _marks(self) -> tuple[bytes, bytes, bytes]:
        """For each level whether it is a voice, whether that can be told there, and whether it is beyond doubt."""
        voice, known, clear = bytearray(), bytearray(), bytearray()
        for begin in range(0, len(self.levels), _HOP):
            part = self.levels[begin : begin + _HOP]
            around = self.levels[max(0, begin + (_HOP - _WINDOW) // 2) : begin + (_HOP + _WINDOW) // 2]
            quiet, loud = _quiet_and_loud(around)
            told = loud - quiet >= _CONTRAST_DB and loud >= _FAINT_DB
            threshold = max(quiet + _ABOVE_FLOOR * (loud - quiet), _FAINT_DB) if told else 128.0
            voice += part.translate(_table(int(threshold * _PER_DB)))
            known += bytes([told]) * len(part)
            clear += bytes([told and loud - quiet >= _CLEAR_DB]) * len(part)
        return _smoothed(bytes(voice)), bytes(known), bytes(clear)

    def marks(self, begin: int, end: int) -> tuple[bytes, bytes]:
        """For each level from `begin` to before `end`: 1 where somebody speaks, and 1 where that can be told."""
        voice, known, _ = self._marks
        return voice[begin:end], known[begin:end]

    @cached_property
    def voice(self) -> int:
        """Bits: somebody speaks (or another sound is as loud as a voice)."""
        return bits(self._marks[0])

    @cached_property
    def known(self) -> int:
        """Bits: voices and pauses differ clearly there, so that a voice can be told from none."""
        return bits(self._marks[1])

    @cached_property
    def clear(self) -> int:
        """Bits: beyond doubt, as pauses are as good as silent there."""
        return bits(self._marks[2])

    @cached_property
    def voices(self) -> tuple[Stretch, ...]:
        """Spans in which somebody speaks, in seconds, in order."""
        marks = self._marks[0]
        return tuple(Stretch(start=m.start() / RATE, end=m.end() / RATE) for m in re.finditer(b"\x01+", marks))

    @cached_property
    def silences(self) -> tuple[Stretch, ...]:
        """Spans of half a second or more in which certainly nobody speaks, in seconds, in order."""
        voice, known, _ = self._marks
        silent = bytes(k & ~v & 1 for v, k in zip(voice, known, strict=True))
        return tuple(Stretch(start=m.start() / RATE, end=m.end() / RATE) for m in re.finditer(b"\x01{50,}", silent))


def bits(marks: bytes) -> int:
    """Bytes of 0 and 1 as an integer, the first one as its lowest bit."""
    return int(marks[::-1].translate(_DIGITS) or b"0", 2)


_DIGITS = bytes([48, 49, *range(2, 256)])


def _quiet_and_loud(around: bytes) -> tuple[float, float]:
    """Decibels of the pauses and of the voices."""
    ordered = sorted(around)
    quiet, loud = (ordered[int((len(ordered) - 1) * share)] / _PER_DB for share in (_QUIET, _LOUD))
    return quiet, loud


def _table(threshold: int) -> bytes:
    return bytes(threshold) + b"\x01" * (256 - threshold)


def _smoothed(marks: bytes) -> bytes:
    """Without pauses and voices that are too short to be one."""
    filled = re.sub(rb"(?<=\x01)\x00{1,%d}(?=\x01)" % (_SHORTEST_PAUSE - 1), lambda m: b"\x01" * len(m.group()), marks)
    return re.sub(rb"(?<!\x01)\x01{1,%d}(?!\x01)" % (_SHORTEST_VOICE - 1), lambda m: bytes(len(m.group())), filled)
