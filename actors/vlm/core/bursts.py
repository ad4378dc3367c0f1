"""Reactions that nobody could name: something loud right behind a word, where nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from actors.vlm.core.curve import Curve
from actors.vlm.core.words import Word
from actors.vlm.ports import STEP
from contracts.sight import Sound

__all__ = ["bursts"]

GAP, SMEAR, LISTENED = 1.2, 0.3, 1.3
"""Seconds: the shortest gap that may hold a reaction, how long a word still sounds in it, until when one begins."""
SAMPLE = 4000
"""Words of which it is measured how loud speech is."""
SOFTER, OVER_QUIET = 9.0, 6.0
"""LU: how much softer than speech a reaction may be, and how much louder than what is quiet it must be."""


def bursts(
    words: Sequence[Word], loudness: Curve, sounds: Sequence[Sound], duration: float
) -> Iterator[tuple[float, float]]:
    """From a last word to the end of what is heard behind it, in seconds.

    Where a known sound begins there (a jingle, speech that is in no transcript), that is what is heard.
    """
    if not words:
        return
    begins = [sound.start for sound in sounds]
    some = words[:: 1 + len(words) // SAMPLE]
    least = max(median(loudness.mean(w.start, w.end) for w in some) - SOFTER, loudness.low + OVER_QUIET)
    for word, until in [*((a, b.start) for a, b in pairwise(words)), (words[-1], duration)]:
        at, limit = min(word.end + LISTENED, until - SMEAR), until - SMEAR
        if until - word.end < GAP or loudness.mean(word.end + SMEAR, at) < least:
            continue
        if any(word.end - SMEAR < begin < at for begin in begins):
            continue
        while at + STEP <= limit and loudness.mean(at, at + STEP) >= least:
            at += STEP
        yield word.end, at
