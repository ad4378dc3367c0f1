"""An index of short keys out of the prints of many clips: it proposes which of them may hold the same, and where.

The keys have 21 or 22 bits. Those that two clips have both vote for the offset between them.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Set
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.seen.prints import PICTURE_STEP, SIDE, variant
from actors.vlm.adapters.sound.spectra import HOP_S
from actors.vlm.ports import Prints

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Index", "Proposal", "Tracks", "keys_of"]

VARIANTS = 8
WHOLE, CENTRE, SOUND = 0, 1, 2
"""What a key is made of: the whole picture, its centre, the sound."""
PARTS = 3
"""Keys of every picture."""
CORNER = 8
"""Of the 16 x 16 frequencies of a picture the lowest 8 x 8 make its keys."""
SOUND_EVERY = 8
"""Frames of sound from one key in the index to the next; of a clip that is searched for every frame is looked up."""
COMMON = 3.0
"""A key that is in this many times as many places as there are clips, and 64, tells nothing: it is passed over."""
MOST = 32
"""Proposals that are compared bit by bit."""
VOTES = 2
_ZERO = 1 << 19
"""Where in its 20 bits an offset of 0 s lies."""


@dataclass(frozen=True)
class Tracks:
    """The prints of a clip. `pictures`: uint8 of shape (steps, 2, 32); `sound`: uint32, one per frame."""

    pictures: NDArray[Any]
    sound: NDArray[Any]

    @classmethod
    def of(cls, prints: Prints) -> Tracks:
        """Out of what is kept of a clip."""
        import numpy as np

        pictures = np.frombuffer(b64decode(prints.pictures), np.uint8).reshape(-1, 2, SIDE * SIDE // 8)
        return cls(pictures, np.frombuffer(b64decode(prints.sound), "<u4").astype(np.uint32))


@dataclass(frozen=True)
class Proposal:
    """A clip that may hold the same at `offset`: seconds by which it is earlier there than in the clip in question.

    `views`: which picture of the one is which of the other; `turned`: the variant; both only for pictures.
    """

    clip: int
    offset: float
    kind: str
    views: tuple[int, int] = (WHOLE, WHOLE)
    turned: int = 0
    votes: int = 0


def keys_of(tracks: Tracks) -> NDArray[Any]:
    """Everything that the index keeps of a clip: uint64, kind, key and second of each; sorted, the clip still 0."""
    import numpy as np

    entries = []
    for view in (WHOLE, CENTRE):
        keys, steps = _picture_keys(tracks.pictures[:, view])
        entries.append(_entries(view, keys, (steps * PICTURE_STEP).astype(np.uint64)))
    keys, frames = _sound_keys(tracks.sound, SOUND_EVERY)
    entries.append(_entries(SOUND, keys, (frames * HOP_S).astype(np.uint64)))
    return np.sort(np.concatenate(entries))


def _entries(kind: int, keys: NDArray[Any], seconds: NDArray[Any]) -> NDArray[Any]:
    """Bits 62 and up: kind; 38 to 61: key; 18 to 37: clip; 0 to 17: second."""
    import numpy as np

    head = np.uint64(kind << 62) | (keys.astype(np.uint64) << np.uint64(38))
    entries: NDArray[Any] = head | np.minimum(seconds, np.uint64((1 << 18) - 1))
    return entries


def _picture_keys(prints: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Keys and their steps; one that is the same as in the step before is left out."""
    import numpy as np

    if not len(prints):
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    bits = (
        np.unpackbits(prints, axis=-1).reshape(-1, 2 * CORNER, 2 * CORNER)[:, :CORNER, :CORNER].reshape(-1, CORNER**2)
    )
    rows, columns = np.divmod(np.arange(CORNER**2), CORNER)
    order = np.argsort((rows + columns) * 100 + rows, kind="stable")[: CORNER**2 // PARTS * PARTS]
    there = prints.any(axis=-1)
    all_keys, all_steps = [], []
    for part in range(PARTS):
        chosen = bits[:, order[part::PARTS]]
        keys = chosen @ (1 << np.arange(chosen.shape[1], dtype=np.uint64)) + np.uint64(part << 22)
        fresh = there & np.concatenate([[True], keys[1:] != keys[:-1]])
        steps = np.flatnonzero(fresh)
        all_keys.append(keys[steps])
        all_steps.append(steps)
    return np.concatenate(all_keys), np.concatenate(all_steps)


def _sound_keys(prints: NDArray[Any], every: int) -> tuple[NDArray[Any], NDArray[Any]]:
    import numpy as np

    frames = np.arange(0, len(prints), every)
    frames = frames[prints[frames] != 0]
    return (prints[frames] >> np.uint32(5)) & np.uint32((1 << 22) - 1), frames


class Index:
    """Keys of many clips. What was added since the last search is sorted; once it is a tenth of the whole, it is
    sorted in."""

    def __init__(self) -> None:
        import numpy as np

        self.clips = 0
        self._parts: tuple[NDArray[Any], NDArray[Any]] = (np.zeros(0, np.uint64), np.zeros(0, np.uint64))
        self._fresh: list[NDArray[Any]] = []
        self._sorting = Lock()

    def add(self, keys: NDArray[Any]) -> int:
        """The keys of one more clip; its number."""
        import numpy as np

        number = self.clips
        self.clips += 1
        self._fresh.append(keys | np.uint64(number << 18))
        return number

    def propose(self, tracks: Tracks, *, without: Set[int] = frozenset()) -> list[Proposal]:
        """The likeliest clips and offsets, most votes first; `without`: numbers of clips that are not asked for."""
        whole = self._settled()
        found = _by_pictures(whole, tracks.pictures, without) + _by_sound(whole, tracks.sound, without)
        return sorted(found, key=lambda p: (-p.votes, p.clip, p.offset))[:MOST]

    def _settled(self) -> _Whole:
        import numpy as np

        with self._sorting:
            fresh, self._fresh = self._fresh, []
            if fresh:
                whole, part = self._parts
                part = np.concatenate([part, *fresh])
                if len(part) > len(whole) / 10:
                    whole, part = np.concatenate([whole, part]), part[:0]
                    whole.sort()
                part.sort()
                self._parts = whole, part
            return _Whole(self._parts, self.clips)


@dataclass(frozen=True)
class _Whole:
    """All entries, in sorted parts, and the number of clips that they are of."""

    parts: tuple[NDArray[Any], ...]
    clips: int

    def votes(
        self, kind: int, keys: NDArray[Any], times: NDArray[Any], without: Set[int]
    ) -> list[tuple[int, float, int]]:
        """(clip, offset in seconds, votes) of those with enough votes; `times`: of the keys, in seconds."""
        import numpy as np

        found_in = [self._found(part, kind, keys) for part in self.parts]
        hits = np.concatenate([hits for hits, _ in found_in])
        when = np.concatenate([times[which] for _, which in found_in])
        clips = (hits >> np.uint64(18)) & np.uint64((1 << 20) - 1)
        others = ~np.isin(clips, np.array(list(without), np.uint64))
        seconds = (hits[others] & np.uint64((1 << 18) - 1)).astype(np.float64)
        offsets = np.floor(when[others] - seconds + 0.5).astype(np.int64) + _ZERO
        cells, found = np.unique((clips[others] << np.uint64(20)) | offsets.astype(np.uint64), return_counts=True)
        if not cells.size:
            return []
        # A true offset lies between two cells, or drifts from one into the next.
        beside = np.minimum(np.searchsorted(cells, cells + np.uint64(1)), len(cells) - 1)
        both = found + np.where(cells[beside] == cells + np.uint64(1), found[beside], 0)
        best = np.argsort(-both, kind="stable")[: 4 * MOST]
        return [
            (int(cells[i]) >> 20, float((int(cells[i]) & ((1 << 20) - 1)) - _ZERO), int(both[i]))
            for i in best
            if both[i] >= VOTES
        ]

    def _found(self, entries: NDArray[Any], kind: int, keys: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Entries with these keys, and which key each of them has."""
        import numpy as np

        low = np.uint64(kind << 62) | (keys.astype(np.uint64) << np.uint64(38))
        first = np.searchsorted(entries, low)
        counts = np.searchsorted(entries, low + np.uint64(1 << 38)) - first
        counts[counts > 64 + COMMON * self.clips] = 0
        places = np.repeat(first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(counts.sum())
        return entries[places], np.repeat(np.arange(len(keys)), counts)


def _by_sound(whole: _Whole, prints: NDArray[Any], without: Set[int]) -> list[Proposal]:
    keys, frames = _sound_keys(prints, 1)
    votes = whole.votes(SOUND, keys, frames * HOP_S, without)
    return [Proposal(clip, offset, "sound", votes=count) for clip, offset, count in votes]


def _by_pictures(whole: _Whole, prints: NDArray[Any], without: Set[int]) -> list[Proposal]:
    found = []
    for own, other in ((WHOLE, WHOLE), (WHOLE, CENTRE), (CENTRE, WHOLE)):
        for turned in range(VARIANTS):
            keys, steps = _picture_keys(variant(prints[:, own], turned))
            found += [
                Proposal(clip, offset, "picture", (own, other), turned, count)
                for clip, offset, count in whole.votes(other, keys, steps * PICTURE_STEP, without)
            ]
    return found
