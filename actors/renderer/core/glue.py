"""Which words belong together: a number and its unit, an article and its noun. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from contracts.text import CLOSING, SENTENCE_ENDS

__all__ = ["atoms", "bare", "dangling", "ends_sentence", "glued", "has_number", "whole"]

MOST_GLUED = 4
"""Words in one unbreakable group: a row of numbers that is read aloud is none."""
CURRENCY, UNITS, LEADING = (
    frozenset(words.split())
    for words in (
        "$ € £ ¥ ₹ ₽ ₩ ₺ ₪ ฿ US$ A$ C$ R$ USD EUR GBP JPY CHF",
        """% ‰ ° °c °f c f k € $ £ ¥ ₹ ₽ ₩ ct usd eur gbp jpy chf km m cm mm µm nm mi mile miles ft feet foot inch
        inches in yd kg g mg µg t lb lbs oz l ml cl dl gal h hr hrs min mins s sec secs ms am pm a.m p.m uhr o'clock
        km/h kmh mph m/s kph m² km² m³ ha hz khz mhz ghz w kw mw gw kwh v a mah b kb mb gb tb kbit mbit gbit fps px mp
        dpi cal kcal joule x percent prozent procent pour por cento degrees grad meter meters metre metres kilometer
        kilometers kilometre kilometres kilo kilos gram grams gramm liter liters litre litres watt volt dollar dollars
        euro euros pound pounds cent cents yen yuan rupees million millions billion billions trillion thousand hundred
        mio mrd tsd millionen milliarde milliarden tausend hundert mille milliers milliard milliards mil millón
        millones миллион миллиона миллионов тысяч тысячи рублей процентов км кг м руб кв лет год года year years jahre
        jahr day days tage tag hour hours stunden minute minutes minuten second seconds sekunden week weeks wochen
        month months monate 円 元 원 ドル 万 億 千 年 人 歳 時 分 秒 個 回 度 キロ メートル パーセント 万円 億円 명 개
        년 살 시 분 초""",
        """a an the of to in on at by for with from and or but nor my your his her its our their this that these those
        is are was were be no not very so as if than into about
        der die das den dem des ein eine einen einem einer eines im am ans zu zum zur von vom mit auf aus bei und oder
        aber für ist sind war mein dein sein ihr unser kein keine nicht sehr
        le la les un une des du de à au aux et ou mais en dans sur pour avec ce cette ces mon ma mes son sa ses
        el los las una unos unas del al y o pero con por para su sus mi mis
        il lo gli i di da nel nella e per che os as um uma do dos das na nos nas em ao
        и в во на с со к по за из от не но а о об у для""",
    )
)
"""Signs before a number; units, and what multiplies a number, in small letters; and words that lean on the one behind
them, with which a line or a page does not like to end. Common ones of languages with spaces, Japanese and Korean."""

_NUMBER = re.compile(
    r"[(\[\"'“«]*[+\-\u2212~≈<>]?(?:[$€£¥₹₽₩]\s?)?\d+(?:[.,:'\u2019/\u00a0\u202f]\d+)*(?:st|nd|rd|th)?"
)
_GROUP = re.compile(r"\d{1,3}")
_THOUSANDS = re.compile(r"\d{3}(?!\d)")
_BARE = re.compile(r"^[^\w%‰°€$£¥₹₽₩]+|[^\w%‰°€$£¥₹₽₩²³]+$")


def bare(text: str) -> str:
    """A word in small letters, without the marks around it."""
    return _BARE.sub("", text.casefold())


def has_number(text: str) -> bool:
    """Whether it has a digit of any script."""
    return any(letter.isdigit() for letter in text)


def ends_sentence(text: str) -> bool:
    """Whether a sentence ends with this word."""
    return text.rstrip(CLOSING).endswith(SENTENCE_ENDS)


def dangling(text: str) -> bool:
    """Whether it is an article, a preposition or the like, which leans on the next word."""
    return text[-1:].isalpha() and text.casefold() in LEADING


def glued(before: str, word: str) -> bool:
    """Whether two words are one quantity: `20 %`, `5 km`, `$ 3`, `3 million`, `10 000`."""
    if before in CURRENCY:
        return _NUMBER.match(word) is not None
    if _GROUP.fullmatch(before.lstrip("([\"'“«+-\u2212~$€£¥")) and _THOUSANDS.match(word):
        return True
    return _NUMBER.fullmatch(before) is not None and bare(word) in UNITS


def atoms(texts: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """The words in groups that are never parted: first and last (exclusive) of each, in order."""
    groups: list[tuple[int, int]] = [(0, 1)] if texts else []
    for n, (before, word) in enumerate(pairwise(texts), start=1):
        first, _ = groups[-1]
        if glued(before, word) and n - first < MOST_GLUED:
            groups[-1] = (first, n + 1)
        else:
            groups.append((n, n + 1))
    return tuple(groups)


def whole(places: Collection[int], texts: Sequence[str]) -> frozenset[int]:
    """Places of words, and of all that are one quantity with one of them."""
    groups = atoms(texts)
    return frozenset(
        n for first, last in groups if any(each in places for each in range(first, last)) for n in range(first, last)
    )
