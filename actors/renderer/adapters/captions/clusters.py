"""Text in the pieces that may change font or direction: user-perceived characters, emoji, and bidirectional levels."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from bidi import algorithm

__all__ = ["clusters", "is_emoji", "leftwards", "levels", "visual_order"]

ZWJ, KEYCAP, TEXT_STYLE, EMOJI_STYLE = "\u200d", "\u20e3", "\ufe0e", "\ufe0f"
LEFTWARDS = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"})
"""Languages that are written from right to left."""
FLAGS = range(0x1F1E6, 0x1F200)
SKINS = range(0x1F3FB, 0x1F400)
TAGS = range(0xE0020, 0xE0080)
PICTURES = range(0x1F000, 0x20000)
BRACKETS = {"(": ")", "[": "]", "{": "}", "〈": "〉", "《": "》", "「": "」", "『": "』", "【": "】"}
PLAIN_PICTURES = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)
"""Signs below U+1F000 that are pictures without a selector (Unicode 16, emoji-data.txt, Emoji_Presentation)."""


def clusters(text: str) -> list[str]:
    """User-perceived characters, near enough to UAX 29: a letter with its marks, a whole emoji sequence, a flag."""
    found: list[str] = []
    for letter in text:
        if found and _joins(found[-1], letter):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _joins(before: str, letter: str) -> bool:
    code = ord(letter)
    if unicodedata.category(letter)[0] == "M" or letter in {ZWJ, "\u200c"} or code in SKINS or code in TAGS:
        return True
    if before.endswith(ZWJ):
        return True  # an emoji sequence, or a conjunct that a shaper joins
    return code in FLAGS and len(before) == 1 and ord(before) in FLAGS


def is_emoji(cluster: str) -> bool:
    """Whether it is shown as a picture (UTS 51): by itself, by a selector, or as part of a sequence."""
    if TEXT_STYLE in cluster:
        return False
    return (
        EMOJI_STYLE in cluster
        or KEYCAP in cluster
        or (ord(cluster[0]) in PICTURES and unicodedata.category(cluster[0]) in {"So", "Sk", "Cn"})
        or cluster[0] in PLAIN_PICTURES
    )


def levels(text: str, base: int) -> list[int]:
    """The embedding level of every character in a paragraph of level `base`; odd: right to left (UAX 9)."""
    if not any(unicodedata.bidirectional(letter) in {"R", "AL", "AN"} for letter in text):
        return [0] * len(text)  # a line of Latin words stands as it does elsewhere, also in an Arabic text
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, "LR"[base]
    algorithm.get_embedding_levels(text, storage)
    for place, entry in enumerate(storage["chars"]):
        entry["place"] = place
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    _pair_brackets(storage["chars"], base)
    algorithm.resolve_neutral_types(storage, False)  # no debugging
    algorithm.resolve_implicit_levels(storage, False)  # no debugging
    found = {entry["place"]: entry["level"] for entry in storage["chars"]}
    result: list[int] = []
    for place in range(len(text)):  # what the algorithm removes (joiners) goes with the letter before it
        result.append(found.get(place, result[-1] if result else base))
    return result


def _pair_brackets(entries: Sequence[dict[str, Any]], base: int) -> None:
    """Both of a pair of brackets get one direction (UAX 9, rule N0, which the library leaves out)."""
    own, other = "RL" if base else "LR"
    kinds = ["R" if entry["type"] in {"EN", "AN"} else entry["type"] for entry in entries]
    open_ones: list[int] = []
    pairs: list[tuple[int, int]] = []
    for place, entry in enumerate(entries):
        if entry["ch"] in BRACKETS:
            open_ones.append(place)
        elif open_ones and BRACKETS[entries[open_ones[-1]]["ch"]] == entry["ch"]:
            pairs.append((open_ones.pop(), place))
    for first, last in sorted(pairs):
        inside = set(kinds[first + 1 : last])
        before = next((kind for kind in reversed(kinds[:first]) if kind in "LR"), own)
        if own in inside or other in inside:
            kind = own if own in inside else before
            for place in (first, last):
                entries[place]["type"] = kinds[place] = kind


def leftwards(texts: Sequence[str], language: str | None = None) -> bool:
    """Whether a text is written from right to left: as its language is, or, unknown, as most of its letters are."""
    if language and (tongue := language.lower().partition("-")[0]) != "und":
        return tongue in LEFTWARDS
    kinds = [unicodedata.bidirectional(letter) for text in texts for letter in text]
    return 2 * sum(kind in {"R", "AL"} for kind in kinds) > sum(kind in {"L", "R", "AL"} for kind in kinds)


def visual_order(found: Sequence[int]) -> list[int]:
    """Places of runs from left to right, given their levels (UAX 9, rule L2)."""
    order = list(range(len(found)))
    for level in range(max(found, default=0), 0, -1):
        n = 0
        while n < len(order):
            end = n
            while end < len(order) and found[order[end]] >= level:
                end += 1
            order[n:end] = order[n:end][::-1]
            n = max(end, n + 1)
    return order
