"""How words become running text: some scripts write them without spaces in between; marks of many languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

__all__ = [
    "CLAUSE_ENDS",
    "CLOSING",
    "HAN",
    "HIRAGANA",
    "KATAKANA",
    "OPENING",
    "SENTENCE_ENDS",
    "SOUTH_EAST",
    "clock",
    "columns",
    "joined",
    "language_tag",
    "spaced",
]

HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
HIRAGANA = "\u3041-\u309f"
KATAKANA = "\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f"
SOUTH_EAST = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Ranges for a regular expression: the scripts without spaces (the last one: Thai, Lao, Burmese, Khmer)."""
SENTENCE_ENDS = tuple(".!?\u2026\u203d\u3002\uff61\uff01\uff1f\u0964\u0965\u061f\u06d4\u1362\u17d4\u17d5")
CLAUSE_ENDS = tuple(",;:\u2013\u2014\u3001\uff0c\uff1b\uff1a\u060c\u061b")
OPENING = "\"'\u201c\u2018\u00ab\u2039([\u00bf\u00a1"
CLOSING = "\"'\u201d\u2019\u00bb\u203a)]}\u300d\u300f\uff09\u3011"
"""Marks: behind a sentence, behind a part of one, and the quotation marks and brackets before and behind a word."""

_TIGHT = re.compile(f"[{HAN}{HIRAGANA}{KATAKANA}{SOUTH_EAST}\u3000-\u303f\uff00-\uff65]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_AFTER = CLOSING + ",.:;!?"
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", re.IGNORECASE)


def spaced(before: str, word: str) -> bool:
    """Whether a space stands between two words."""
    letter = before.rstrip(_AFTER)[-1:] or before[-1:]
    return not (_TIGHT.match(letter) and _TIGHT.match(word))


def joined(words: Sequence[str]) -> str:
    """Words as running text: with spaces, but for scripts that have none."""
    text = words[0] if words else ""
    for before, word in pairwise(words):
        text += f" {word}" if spaced(before, word) else word
    return text


def clock(seconds: float) -> str:
    """A time of a film: `m:ss`, from an hour on `h:mm:ss`."""
    whole = int(seconds)
    hours = f"{whole // 3600}:{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return f"{hours}:{whole % 60:02d}"


def columns(text: str) -> int:
    """How wide a text is, in letters: wide ones (East Asian) count twice, marks on a letter not at all (UAX 11)."""
    odd = _NOT_ASCII.findall(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in odd)
    return len(text) + wide - sum(unicodedata.category(letter) in {"Mn", "Me"} for letter in odd)


def language_tag(name: str | None) -> str | None:
    """A language as BCP 47 (RFC 5646, 2.1) writes it, `pt-BR` for `pt_BR`; None for what is no tag."""
    tag = (name or "").replace("_", "-")
    return tag if _TAG.fullmatch(tag) else None
