"""How long words take to say, estimated from how they are written.

Counted are the syllables (in Japanese, morae) that a reader would say; what a script shows of them differs, and each
estimate says what it counts. Seconds follow from the mean rates of Pellegrino, Coupé and Marsico, “A cross-language
perspective on speech information rate” (Language 87, 2011, table 1). In alphabets that write every sound, a letter
beyond or below the usual number of a syllable makes it longer or shorter: “strengths” is one syllable, and so is “a”.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from contracts.text import HAN, HIRAGANA, KATAKANA, SOUTH_EAST

__all__ = ["seconds_of", "syllables"]

_RATES = {"en": 6.19, "fr": 7.18, "de": 5.97, "it": 6.99, "ja": 7.84, "zh": 5.18, "es": 7.82}
_RATE = 6.5  # of other languages: the mean of these
_LETTERS, _SHARE = 2.6, 0.6
"""Letters of a usual syllable, and the share of its length that goes with their number: a fit to synthetic speech."""

_RUNS = re.compile(
    rf"(?P<number>\d+(?:[.,:]\d+)*)|(?P<han>[{HAN}]+)|(?P<kana>[{HIRAGANA}{KATAKANA}]+)|(?P<hangul>[\uac00-\ud7a3]+)"
    rf"|(?P<thai>[{SOUTH_EAST}]+)|(?P<indic>[\u0900-\u0dff]+)|(?P<abjad>[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+)"
    r"|(?P<ethiopic>[\u1200-\u139f]+)|(?P<sign>[%$€£&@+=#])|(?P<letters>[^\W\d_]+)"
)


_ALPHABETS = re.compile("[A-Za-z\u00c0-\u052f\u0531-\u0587\u10a0-\u10ff\u1e00-\u1fff]+")


@lru_cache(maxsize=50_000)
def seconds_of(word: str, language: str | None = None) -> float:
    """Seconds that a word takes at the mean rate of its language (a BCP 47 tag)."""
    tongue = (language or "").split("-")[0].lower()
    said = syllables(word, tongue)
    spelled = _ALPHABETS.findall(unicodedata.normalize("NFC", word))
    if spelled:
        said += _SHARE * sum(len(letters) / _LETTERS - syllables(letters, tongue) for letters in spelled)
    return said / _RATES.get(tongue, _RATE)


@lru_cache(maxsize=50_000)
def syllables(word: str, language: str | None = None) -> float:
    """Syllables of a word, at least one for anything that is said and none for bare punctuation."""
    tongue = (language or "").split("-")[0].lower()
    said = sum(_COUNTS[run.lastgroup or "letters"](run.group(), tongue) for run in _RUNS.finditer(word))
    return max(1.0, said) if said or any(ch.isalnum() for ch in word) else 0.0


def _number(text: str, tongue: str) -> float:
    """Digits are read as numbers: “25” in three syllables, “1998” in five, each digit of a long one by itself."""
    said = 0.0
    for group in re.findall(r"\d+", text):
        said += {1: 1.2, 2: 2.6, 3: 5.0, 4: 5.0}.get(len(group), 1.5 * len(group))
    return said + sum(mark in ".:" for mark in text)


def _han(text: str, tongue: str) -> float:
    """One a sign; in Japanese most are read with two morae."""
    return len(text) * (1.8 if tongue == "ja" else 1.0)


def _kana(text: str, tongue: str) -> float:
    """Morae: small vowels and y-sounds belong to the sign before."""
    return sum(ch not in "ぁぃぅぇぉゃゅょゎァィゥェォャュョヮ" for ch in text)


def _thai(text: str, tongue: str) -> float:
    """About 1.7 consonants a syllable; marks are none."""
    return sum(unicodedata.category(ch) == "Lo" and ch not in "ะาๅเแโใไເແໂໃໄ" for ch in text) / 1.7


def _indic(text: str, tongue: str) -> float:
    """Letters that no virama silences; of the northern scripts without the unspoken vowel at the end."""
    said = 0.0
    for ch, following in zip(text, text[1:] + " ", strict=True):
        letter = unicodedata.category(ch) == "Lo"
        said += letter and unicodedata.combining(following) != _VIRAMA
    northern = "\u0900" <= text[0] <= "\u0aff"
    bare = unicodedata.category(text[-1]) == "Lo"
    return said - 1 if northern and bare and said > 1 else said


_VIRAMA = 9  # its combining class in Unicode


def _abjad(text: str, tongue: str) -> float:
    """Arabic, Hebrew and their kin do not write short vowels: about two letters a syllable."""
    return sum(unicodedata.category(ch) == "Lo" for ch in text) * 0.5


_VOWELS = {
    "LATIN": "aeiouyæøœıəɛɔ",
    "CYRILLIC": "аеёиоуыэюяіїєәөүұ",
    "GREEK": "αεηιουω",
    "GEORGIAN": "აეიოუ",
    "ARMENIAN": "աեէըիոօ",
}
_ALONE = frozenset({"CYRILLIC", "GEORGIAN"})
"""Where every vowel is a syllable; elsewhere neighbouring ones are one."""


def _letters(text: str, tongue: str) -> float:
    """Groups of vowels; capitals that cannot be said as a word are spelled."""
    if _spelled(text):
        return sum(3 if letter == "W" and tongue == "en" else 1 for letter in text)
    script = unicodedata.name(text[0], "").split(" ")[0]
    vowels = _VOWELS.get(script)
    if vowels is None:
        return len(text) / 2.5
    plain = _plain(text)
    if script in _ALONE:
        return sum(letter in vowels for letter in plain)
    groups = len(re.findall(f"[{vowels}]+", plain))
    return max(1.0, groups - _mute(plain, tongue)) if groups else 1.0


def _plain(text: str) -> str:
    """In small letters without accents."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(ch for ch in letters if unicodedata.category(ch) != "Mn")


def _mute(plain: str, tongue: str) -> int:
    """Vowel groups at the end that are written and not said."""
    if tongue == "en":
        return bool(
            re.search(r"[aeiouy].*[^aeiouy](?:(?<![^aeiouy]l)e|(?<![td])ed|(?<![cgsxz])(?<!ch)(?<!sh)es)$", plain)
        )
    if tongue == "fr":
        return bool(re.search(r"[aeiouyœ].*[^aeiouyœ]es?$", plain))
    return 0


def _spelled(text: str) -> bool:
    return 2 <= len(text) <= 5 and text.isascii() and text.isupper() and not re.search(r"[AEIOUY]", text)


_COUNTS: dict[str, Callable[[str, str], float]] = {
    "number": _number,
    "han": _han,
    "kana": _kana,
    "hangul": lambda text, _: float(len(text)),
    "thai": _thai,
    "indic": _indic,
    "abjad": _abjad,
    "ethiopic": lambda text, _: float(len(text)),
    "sign": lambda text, _: sum(2.0 if ch in "%$€£" else 1.0 for ch in text),
    "letters": _letters,
}
