"""How long a text is for a platform, and cutting it at word borders."""

from __future__ import annotations

from typing import Literal

import regex

from contracts.text import CLAUSE_ENDS

__all__ = ["Unit", "cut", "length"]

Unit = Literal["characters", "utf16", "bytes", "graphemes", "weighted"]
"""Code points, UTF-16 units, bytes of UTF-8, what a reader sees as one (UAX 29), or weighted as X does."""

_URL = regex.compile(r"https?://\S+")
_EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\N{COMBINING ENCLOSING KEYCAP}")
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that X counts once; others count twice (twitter-text 3, configuration v3)."""
_URL_WEIGHT = 23


def length(text: str, unit: Unit) -> int:
    """The length in the platform's unit. `weighted`: as X counts, addresses as 23 and an emoji as 2."""
    match unit:
        case "utf16":
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        case "bytes":
            return len(text.encode("utf-8", "surrogatepass"))
        case "graphemes":
            return len(regex.findall(r"\X", text))
        case "weighted":
            return _weighted(text)
        case "characters":
            return len(text)


def cut(text: str, most: int, unit: Unit, *, mark: str = "…") -> str:
    """The text, or as many of its whole words as fit with `mark` behind them.

    A first word that does not fit is cut within, between two graphemes. Never longer than `most`.
    """
    text = text.strip()
    if length(text, unit) <= most:
        return text
    ends = [match.start() for match in regex.finditer(r"\s+", text)]
    fitting = [end for end in ends if length(_closed(text[:end]) + mark, unit) <= most]
    if fitting:
        return _closed(text[: fitting[-1]]) + mark
    kept = ""
    for grapheme in regex.findall(r"\X", text):
        if length(kept + grapheme + mark, unit) > most:
            break
        kept += grapheme
    return kept + mark if kept else ""


def _closed(text: str) -> str:
    """Without the marks that would stand before the ellipsis."""
    return text.rstrip().rstrip("".join((*CLAUSE_ENDS, *"-.…")))


def _weighted(text: str) -> int:
    total = 0
    for at in (bare := _URL.split(text)):
        for grapheme in regex.findall(r"\X", at):
            total += 2 if _EMOJI.search(grapheme) else sum(1 if _is_light(letter) else 2 for letter in grapheme)
    return total + _URL_WEIGHT * (len(bare) - 1)


def _is_light(letter: str) -> bool:
    return any(first <= ord(letter) <= last for first, last in _LIGHT)
