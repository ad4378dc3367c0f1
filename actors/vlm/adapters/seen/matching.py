"""Where the prints of one clip are those of another, bit by bit, at about an offset that the index proposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.seen.index import Proposal, Tracks
from actors.vlm.adapters.seen.prints import PICTURE_STEP, variant
from actors.vlm.adapters.sound.spectra import HOP_S
from actors.vlm.core.seen import Match

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["compare"]

MIRRORED = frozenset({1, 2, 4, 7})
"""Variants that no turning makes."""
UNLIKE = {"picture": 72, "sound": 10.0}
"""Bits (of 256, of 32) that may differ on average; those of different material differ by half, less or more."""
WINDOW_S = 4.0
"""Seconds of sound that are averaged."""
HOLE_S = 3.0
"""Seconds within a match that need not fit: a title over the picture, a noise."""
LOOSE_S = 0.7
"""Seconds by which the offset may drift: what was sped up a little is still found."""
DISTINCT, APART = 5, 40
"""Pictures that a stretch must have which differ from each other by so many bits, to be known by picture alone."""
MOVES_S, CONTRAST = 2.0, 24.0
"""Moved by so many seconds, a stretch must fit worse by so many bits on average: a still camera's does not."""


def compare(mine: Tracks, other: Tracks, proposal: Proposal) -> list[Match]:
    """Stretches that fit at about the proposed offset."""
    if proposal.kind == "sound":
        return _compare_sound(mine.sound, other.sound, proposal.offset)
    return _compare_pictures(mine.pictures, other.pictures, proposal)


def _compare_sound(mine: NDArray[Any], other: NDArray[Any], offset: float) -> list[Match]:
    import numpy as np

    loose = round(LOOSE_S / HOP_S)
    centre = round(offset / HOP_S)
    first, last = max(0, centre - loose), min(len(mine), len(other) + centre + loose)
    window = round(WINDOW_S / HOP_S)
    if last - first < window:
        return []
    rows = []
    for shift in range(centre - loose, centre + loose + 1):
        rows.append(_averaged(*_differing(mine, other, shift, first, last), window))
    unlike = np.stack(rows)
    best = unlike.argmin(axis=0)
    fits = unlike[best, np.arange(unlike.shape[1])] <= UNLIKE["sound"]
    matches = []
    for begin, end in _runs(fits, round(HOLE_S / HOP_S)):
        at, until = first + begin, first + end
        shift = centre - loose + int(np.median(best[begin:end][fits[begin:end]]))
        matches.append(Match(at * HOP_S, until * HOP_S, (at - shift) * HOP_S, "sound"))
    return matches


def _differing(
    mine: NDArray[Any], other: NDArray[Any], shift: int, first: int, last: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Bits that differ in every frame of `mine`, and whether there is something to compare."""
    import numpy as np

    bits, there = np.zeros(last - first), np.zeros(last - first)
    begin, end = max(first, shift), min(last, len(other) + shift)
    if end > begin:
        a, b = mine[begin:end], other[begin - shift : end - shift]
        both = (a != 0) & (b != 0)
        bits[begin - first : end - first] = np.bitwise_count(a ^ b) * both
        there[begin - first : end - first] = both
    return bits, there


def _averaged(bits: NDArray[Any], there: NDArray[Any], window: int) -> NDArray[Any]:
    """Moving mean of what is there; 32 where that is less than half of the window."""
    import numpy as np

    count = _summed(there, window)
    mean: NDArray[Any] = np.where(count >= window / 2, _summed(bits, window) / np.maximum(count, 1), 32.0)
    return mean


def _summed(values: NDArray[Any], window: int) -> NDArray[Any]:
    """Of so many values around each."""
    import numpy as np

    sums = np.cumsum(np.pad(values, (window // 2 + 1, window - 1 - window // 2)))
    summed: NDArray[Any] = sums[window:] - sums[:-window]
    return summed


def _compare_pictures(mine: NDArray[Any], other: NDArray[Any], proposal: Proposal) -> list[Match]:
    import numpy as np

    own = variant(mine[:, proposal.views[0]], proposal.turned)
    their = other[:, proposal.views[1]]
    centre, moved = round(proposal.offset / PICTURE_STEP), round(MOVES_S / PICTURE_STEP)
    shifts = {shift: _apart(own, their, centre + shift) for shift in (-2, -1, 0, 1, 2, -moved, moved)}
    near = np.stack([shifts[shift] for shift in (-2, -1, 0, 1, 2)])
    best = near.min(axis=0)
    far = np.minimum(shifts[-moved], shifts[moved])
    fits = best <= UNLIKE["picture"]
    matches = []
    for begin, end in _runs(fits, round(HOLE_S / PICTURE_STEP)):
        good = fits[begin:end]
        shift = centre + int(np.bincount(near[:, begin:end][:, good].argmin(axis=0)).argmax()) - 2
        contrast = float((np.minimum(far[begin:end], 128) - best[begin:end])[good].mean())
        telling = contrast >= CONTRAST and _distinct(own[begin:end][good]) >= DISTINCT
        match = Match(
            begin * PICTURE_STEP,
            end * PICTURE_STEP,
            (begin - shift) * PICTURE_STEP,
            "picture",
            mirrored=proposal.turned in MIRRORED,
            telling=telling,
        )
        matches.append(match)
    return matches


def _apart(mine: NDArray[Any], other: NDArray[Any], shift: int) -> NDArray[Any]:
    """Bits by which every picture of `mine` differs from its counterpart; 256 where there is none."""
    import numpy as np

    bits = np.full(len(mine), 256)
    begin, end = max(0, shift), min(len(mine), len(other) + shift)
    if end > begin:
        a, b = mine[begin:end], other[begin - shift : end - shift]
        both = a.any(axis=1) & b.any(axis=1)
        bits[begin:end] = np.where(both, np.bitwise_count(a ^ b).sum(axis=1), 256)
    return bits


def _distinct(prints: NDArray[Any]) -> int:
    """How many of the pictures differ from all that were counted before; counted up to DISTINCT."""
    import numpy as np

    kept: list[NDArray[Any]] = []
    for one in prints:
        if all(int(np.bitwise_count(one ^ other).sum()) >= APART for other in kept):
            kept.append(one)
            if len(kept) == DISTINCT:
                break
    return len(kept)


def _runs(fits: NDArray[Any], hole: int) -> Sequence[tuple[int, int]]:
    """Spans (first, behind the last) of what fits, with holes of at most `hole` in them."""
    import numpy as np

    places = np.flatnonzero(fits)
    if not places.size:
        return []
    breaks = np.flatnonzero(np.diff(places) > hole + 1)
    starts = places[np.concatenate([[0], breaks + 1])]
    ends = places[np.concatenate([breaks, [len(places) - 1]])] + 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
