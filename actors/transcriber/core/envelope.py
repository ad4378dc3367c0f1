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
_FAINT_DB = 30.0
"""Decibels above the bottom of the scale below which nothing is a voice: -70 dBFS."""
_ABOVE_FLOOR = 0.4
"""Where between the two, in decibels, a voice begins."""
_SHORTEST_PAUSE, _SHORTEST_VOICE = 12, 6
"""Hundredths of a second: the closure of a plosive is no pause, a click no voice."""


@dataclass(frozen=True)
class Envelope:
    """`levels[n]`: RMS of the voice band around the time `n / RATE`, in half decibels above -100 dBFS."""

    levels: bytes

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.levels) / RATE

    def level(self, n: int) -> float:
        """Decibels above -100 dBFS."""
        return self.levels[n] / _PER_DB

    @cached_property
    def _marks(self) -> tuple[bytes, bytes]:
        """For each level whether it is a voice, and whether that can be told there."""
        voice, known = bytearray(), bytearray()
        for begin in range(0, len(self.levels), _HOP):
            part = self.levels[begin : begin + _HOP]
            around = self.levels[max(0, begin + (_HOP - _WINDOW) // 2) : begin + (_HOP + _WINDOW) // 2]
            threshold = _threshold(around)
            voice += part.translate(_table(min(threshold, 255)))
            known += bytes([threshold <= 255]) * len(part)
        return _smoothed(bytes(voice)), bytes(known)

    @cached_property
    def voice(self) -> int:
        """Bits: somebody speaks (or another sound is as loud as a voice)."""
        return bits(self._marks[0])

    @cached_property
    def known(self) -> int:
        """Bits: voices and pauses differ clearly there, so that a voice can be told from none."""
        return bits(self._marks[1])

    @cached_property
    def voices(self) -> tuple[Stretch, ...]:
        """Spans in which somebody speaks, in seconds, in order."""
        marks = self._marks[0]
        return tuple(Stretch(start=m.start() / RATE, end=m.end() / RATE) for m in re.finditer(b"\x01+", marks))


def bits(marks: bytes) -> int:
    """Bytes of 0 and 1 as an integer, the first one as its lowest bit."""
    return int(marks[::-1].translate(_DIGITS) or b"0", 2)


_DIGITS = bytes([48, 49, *range(2, 256)])


def _threshold(around: bytes) -> int:
    """The least level that is a voice; more than a byte where that cannot be told."""
    ordered = sorted(around)
    quiet, loud = (ordered[int((len(ordered) - 1) * share)] for share in (_QUIET, _LOUD))
    if loud - quiet < _CONTRAST_DB * _PER_DB or loud < _FAINT_DB * _PER_DB:
        return 256
    return max(int(quiet + _ABOVE_FLOOR * (loud - quiet)), int(_FAINT_DB * _PER_DB))


def _table(threshold: int) -> bytes:
    return bytes(threshold) + b"\x01" * (256 - threshold)


def _smoothed(marks: bytes) -> bytes:
    """Without pauses and voices that are too short to be one."""
    filled = re.sub(rb"(?<=\x01)\x00{1,%d}(?=\x01)" % (_SHORTEST_PAUSE - 1), lambda m: b"\x01" * len(m.group()), marks)
    return re.sub(rb"(?<!\x01)\x01{1,%d}(?!\x01)" % (_SHORTEST_VOICE - 1), lambda m: bytes(len(m.group())), filled)
