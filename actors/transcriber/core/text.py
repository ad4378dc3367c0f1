"""The text of captions: cleaned of what nobody says, and divided into words."""

from __future__ import annotations

import html
import re
import unicodedata

from contracts.text import HAN, HIRAGANA, KATAKANA, SOUTH_EAST

__all__ = ["cleaned", "divided", "is_mark"]

# None of these looks at a character more than a few times, however a text is made to have them try: a file may be long.
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]+)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_SOUNDS = "laugh|chuckl|giggl|applau|music|sigh|cough|gasp|scream|crying|sob|cheer|inaudible"
_NOTE = re.compile(rf"\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|[♪♫♬♩]+|\((?:{_SOUNDS})[^()]*\)", re.IGNORECASE)
_WHOLE_NOTE = re.compile(r"^(?:[-–]\s*)?[(（][^()（）]*[)）]$")
_MARK = re.compile(r"^\s*(?:>>+|[-–—](?=\s*[^\W\d]))\s*")
_NAME = re.compile(r"^\s*([^\W\d_][\w .'&-]{1,30}):\s+(?=\S)")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f]")


def cleaned(text: str) -> list[tuple[str, str | None]]:
    """A cue's text without mark-up, sound notes and speaker marks, by line; with the speaker, where one is named."""
    lines: list[tuple[str, str | None]] = []
    speaker = None
    for raw in text.split("\n"):
        voice = _VOICE.search(raw)
        line = _INVISIBLE.sub("", html.unescape(_TAG.sub("", raw)).replace("\xa0", " "))
        if _WHOLE_NOTE.match(line.strip()):
            continue
        line = _NOTE.sub(" ", line)
        marked = _MARK.match(line)
        line = line[marked.end() :] if marked else line
        name = _NAME.match(line)
        if name and (name.group(1).isupper() or (marked and ">>" in marked.group())):
            speaker, line = name.group(1).title(), _MARK.sub("", line[name.end() :])
        elif voice or marked:  # another voice begins; a bare dash does not say whose
            speaker = (voice.group(1).strip() or None) if voice else None
        if line.strip():
            lines.append((" ".join(line.split()), speaker))
    return lines


_NO_SPACES = re.compile(f"[{HAN}{HIRAGANA}{KATAKANA}{SOUTH_EAST}]")
_GROUPS = re.compile(
    f"え(?:[えー]?っ?|っ?ー)と|あのー|[{KATAKANA}]{{1,12}}|[{HAN}]{{1,2}}[{HIRAGANA}]{{0,3}}|[{HIRAGANA}]{{1,4}}|[{SOUTH_EAST}]+"
    f"|[^{HAN}{HIRAGANA}{KATAKANA}{SOUTH_EAST}]+"
)
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
_CLUSTERS = 4  # syllables of Thai and its neighbours shown as one word


def divided(text: str) -> list[str]:
    """The words of a text. Scripts that write without spaces are divided into groups of a few characters.

    Punctuation stays with its word, also where it stands alone, as in French.
    """
    words: list[str] = []
    opening = ""
    for token in text.split():
        parts = _groups(token) if _NO_SPACES.search(token) else [token]
        for i, part in enumerate(parts):
            gap = "" if i else "\xa0"
            if any(ch.isalnum() for ch in part) or not _is_punctuation(part):
                words.append(opening + part)
                opening = ""
            elif _opens(part) or not words:
                opening += part + ("" if i or len(parts) > 1 else "\xa0")
            else:
                words[-1] += gap + part
    if opening and words:
        words[-1] += "\xa0" + opening.strip()
    return words


def is_mark(text: str) -> bool:
    """Whether a text is punctuation that belongs to the word before it, as the French “ ?” does."""
    return bool(text) and _is_punctuation(text) and not _opens(text)


def _is_punctuation(text: str) -> bool:
    return all(unicodedata.category(ch)[0] == "P" and ch not in "&@#%*/" for ch in text)


def _opens(text: str) -> bool:
    return all(unicodedata.category(ch) in {"Ps", "Pi"} or ch in "¿¡" for ch in text)


def _groups(token: str) -> list[str]:
    groups: list[str] = []
    for group in _GROUPS.findall(token):
        groups += _clusters(group) if re.match(f"[{SOUTH_EAST}]", group) else [group]
    return groups


def _clusters(run: str) -> list[str]:
    """Thai, Lao, Burmese, Khmer: a few syllable-like clusters at a time, never parting a mark from its letter."""
    clusters: list[str] = []
    for ch in run:
        joins = clusters and (unicodedata.category(ch)[0] == "M" or clusters[-1][-1] in _LEADING_VOWELS)
        if joins:
            clusters[-1] += ch
        else:
            clusters.append(ch)
    return ["".join(clusters[i : i + _CLUSTERS]) for i in range(0, len(clusters), _CLUSTERS)]
