"""Speech without its pauses: which parts of a span stay, and where its words are then. Pure; times are seconds.

A pause is what lies between two words. It is shortened in its middle, so that no word loses its first or last sound;
a filler (“um”) goes with the pause around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from contracts.fillers import is_filler, plain
from contracts.media import Word
from contracts.spans import Span, united

__all__ = ["tighten"]

LONGEST_PAUSE = 0.7
AFTER, BEFORE = 0.1, 0.15
"""What stays of a pause after the word that ends, and before the one that begins."""
LEAST_CUT, LEAST_SPAN = 0.16, 0.15
"""Shorter ones are not made: they would be seen as a flicker. A cut is more than what two spans may grow into it."""
STUTTER = 0.2
"""Seconds between two equal words up to which the first is a false start; less than what stays of a pause."""
SLACK = 1e-6

_STUTTERED = {
    "en": "i the a and to we it in of he she they you but so my",
    "de": "ich und der das ein zu wir er es in mit aber",
    "nl": "ik en de het een we maar",
    "fr": "je le la les de et un une il mais",
    "es": "yo el la los de y un una en pero que",
    "it": "io il la di e un una ma che",
    "pt": "eu o a de e um uma mas que",
    "ru": "я и в на мы он но",
}
"""Words that nobody says twice in a row on purpose."""


def tighten(
    start: float,
    end: float,
    words: Sequence[Word],
    how: Literal["silences", "fillers"],
    language: str | None = None,
    *,
    silences: Sequence[Span] = (),
) -> tuple[Span, ...]:
    """The parts of `start` to `end` that stay, in order.

    Pauses of more than 0.7 s are cut down to 0.25 s; with `fillers` such words as “um” and false starts (“I I think”)
    go as well, by the BCP 47 tag `language`. Where nothing is said, `silences` are the pauses. No cut touches a word
    that stays. A span as long as nothing (no word, all silent) stays whole.
    """
    said = sorted((word for word in words if word.end > start and word.start < end), key=lambda word: word.start)
    if not said:
        quiet = [(max(a, start), min(b, end)) for a, b in sorted(silences) if min(b, end) - max(a, start) > 0]
        return _without([_cut(a, b, start, end, ()) for a, b in united(quiet)], start, end)
    unwanted = _unwanted(said, language) if how == "fillers" else frozenset()
    kept = [word for number, word in enumerate(said) if number not in unwanted]
    if not kept:
        return ((start, end),)
    gone = [(said[number].start, said[number].end) for number in sorted(unwanted)]
    spoken = united((max(word.start, start), min(word.end, end)) for word in kept)
    borders = [start, *(time for span in spoken for time in span), end]
    pauses = [(borders[n], borders[n + 1]) for n in range(0, len(borders), 2)]
    return _without([_cut(a, b, start, end, gone) for a, b in pauses], start, end)


def _unwanted(said: Sequence[Word], language: str | None) -> frozenset[int]:
    """Numbers of the words that are fillers or false starts."""
    tongue = (language or "").casefold().split("-")[0]
    stuttered = frozenset(_STUTTERED.get(tongue, "").split())
    texts = [plain(word.text) for word in said]
    found = {number for number, word in enumerate(said) if is_filler(word.text, language)}
    spoken = [number for number in range(len(said)) if number not in found]
    for number, after in pairwise(spoken):
        near = after > number + 1 or said[after].start - said[number].end <= STUTTER
        if near and texts[number] == texts[after] and texts[number] in stuttered:
            found.add(number)
    return frozenset(found)


def _cut(a: float, b: float, start: float, end: float, gone: Sequence[Span]) -> Span | None:
    """What is cut out of the pause from `a` to `b`, with the unwanted words in it; None: nothing."""
    inside = [span for span in gone if span[1] > a and span[0] < b]
    if b - a <= LONGEST_PAUSE and not inside:
        return None
    after, before = (0.0 if a <= start else AFTER), (0.0 if b >= end else BEFORE)
    if b >= end and a > start:
        after += BEFORE
    if inside:
        after = min(after, max(0.0, inside[0][0] - a))
        before = min(before, max(0.0, b - max(span[1] for span in inside)))
    return (a + after, b - before) if b - a - after - before >= LEAST_CUT else None


def _without(cuts: Iterable[Span | None], start: float, end: float) -> tuple[Span, ...]:
    """What is left of `start` to `end`. What would be too short for a word in it grows, by as much on either side."""
    found: list[Span] = []
    cursor = start
    for cut in (*cuts, (end, end)):
        if cut is None:
            continue
        if cut[0] - cursor > SLACK or (cut[0] < end and cut[0] > start):
            missing = max(0.0, LEAST_SPAN - (cut[0] - cursor)) / 2
            found.append((max(start, cursor - missing), min(end, cut[0] + missing)))
        cursor = cut[1]
    return tuple(found) or ((start, end),)
