"""Long recordings in parts: where to cut, and how to put together what was heard in each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp

from contracts.media import Stretch, Word

__all__ = ["Part", "parted", "stitched"]

_PAD_S = 0.3  # left on both sides of speech, because its borders are found a little late
_QUIET_S = 0.4  # a silence in which a cut hurts no word
_SAME_S = 0.5  # by how much the times of one word may differ between two parts
_CLOSE_S = 0.1


@dataclass(frozen=True)
class Part:
    """A span of a recording that is listened to at one go, in seconds."""

    start: float
    end: float


def parted(
    speech: Sequence[Stretch], duration: float, *, longest: float, apart: float, overlap: float = 2.0
) -> list[Part]:
    """Parts of at most `longest` seconds that hold all `speech`, and no silence of `apart` seconds or more.

    Cut in the widest silence of the second half of a part. Where that is no real one, neighbours share up to `overlap`
    seconds, so that every word is whole in one of them. `speech`: in order, without overlap; `overlap` is less than
    half of `longest`.
    """
    parts: list[Part] = []
    for island in _islands(speech, apart):
        gaps = [(a.end, b.start) for a, b in pairwise(island)]
        start = max(0.0, island[0].start - _PAD_S)
        end = min(duration, island[-1].end + _PAD_S)
        while end - start > longest:
            gap = _widest(gaps, start + longest / 2, start + longest - overlap / 2)
            if gap is None:
                parts.append(Part(start, start + longest))
                start += longest - overlap
            else:
                middle = (gap[0] + gap[1]) / 2
                shared = 0.0 if gap[1] - gap[0] >= _QUIET_S else overlap / 2
                parts.append(Part(start, middle + shared))
                start = middle - shared
        parts.append(Part(start, end))
    return parts


def _islands(speech: Sequence[Stretch], apart: float) -> Iterable[list[Stretch]]:
    island: list[Stretch] = []
    for stretch in speech:
        if island and stretch.start - island[-1].end >= apart:
            yield island
            island = []
        island.append(stretch)
    if island:
        yield island


def _widest(gaps: Sequence[tuple[float, float]], first: float, last: float) -> tuple[float, float] | None:
    """Of the gaps whose middle lies between `first` and `last`."""
    inside = gaps[bisect_left(gaps, 2 * first, key=sum) : bisect_right(gaps, 2 * last, key=sum)]
    return max(inside, key=lambda gap: gap[1] - gap[0], default=None)


def stitched(heard: Sequence[tuple[Part, Sequence[Word]]]) -> list[Word]:
    """The words of all parts, in order, each once. Parts are in order of time; words are in seconds of the recording.

    Where two parts overlap, both heard the same words there, up to their timing and spelling: one part is followed up
    to a word that both have, the other from there on. Words at the very edges, which may be cut in two, are thus those
    of the part that has them whole.
    """
    words: list[Word] = []
    before: Part | None = None
    for part, said in heard:
        if before is None or part.start >= before.end:
            words += said
        else:
            words = _joined(words, list(said), part.start, before.end)
        before = part
    return words


def _joined(before: list[Word], after: list[Word], start: float, end: float) -> list[Word]:
    """`start`, `end`: what both parts have heard."""
    first = len(before)
    while first and before[first - 1].end > start - _SAME_S:
        first -= 1
    last = next((j for j, word in enumerate(after) if word.start > end + _SAME_S), len(after))
    common = _common(before[first:], after[:last])
    if common is not None:
        i, j = common
        return before[: first + i + 1] + after[j + 1 :]
    middle = (start + end) / 2
    return [w for w in before if (w.start + w.end) / 2 < middle] + [w for w in after if (w.start + w.end) / 2 >= middle]


def _common(before: Sequence[Word], after: Sequence[Word]) -> tuple[int, int] | None:
    """A word that both have: the middle of the longest run of equal words, where the better fit in time counts more."""
    runs: dict[tuple[int, int], tuple[float, int]] = {}
    for i, a in enumerate(before):
        for j, b in enumerate(after):
            apart = abs(a.start - b.start)
            if apart <= _SAME_S and _spelt(a.text) == _spelt(b.text):
                worth, length = runs.get((i - 1, j - 1), (0.0, 0))
                runs[i, j] = (worth + exp(-apart / _CLOSE_S), length + 1)
    if not runs:
        return None
    (i, j), (_, length) = max(runs.items(), key=lambda run: run[1])
    return i - length // 2, j - length // 2


def _spelt(text: str) -> str:
    return "".join(ch for ch in text.casefold() if ch.isalnum()) or text
