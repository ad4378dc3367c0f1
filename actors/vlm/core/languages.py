"""Phrases of a language, found in tokens: words, or single characters where a script writes no spaces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from actors.vlm.core.phrases import PHRASES
from contracts.text import HAN, HIRAGANA, KATAKANA

__all__ = ["CLOSING", "Language", "bare", "guessed", "language"]

MARKS = ",.:;!?\uff0c\u3002\u3001\uff1a\uff1b\uff01\uff1f"
CLOSING = "'\"\u201d\u201c\u2019\u00bb\u00ab\u300d\u300f)]"
"""Marks that may stand behind the mark that ends a sentence."""
_BARE = re.compile(r"^\W+|\W+$")
_KANA, _HAN = re.compile(f"[{HIRAGANA}{KATAKANA}]"), re.compile(f"[{HAN}]")
_TIGHT = frozenset({"ja", "zh"})
_EAST_NUMBER = re.compile(
    "[二三四五六七八九十百千万亿億两兩几]+(?:つ|人|年|個|个|回|倍|次|种|種|円|元|块|歳|岁|時間|小时|分|%|パーセント)"
)
_EAST_QUESTION = re.compile("(?:ですか|ますか|でしょうか|のか|ましたか|んですか|吗|嗎|呢)$")


class Language:
    """The phrases of one language by use, as `phrases` describes them; of an unknown one there are none."""

    def __init__(self, code: str) -> None:
        self.code, self.tight = code, code in _TIGHT
        table = PHRASES.get(code, {})
        self.known = bool(table)
        self._phrases = {use: self._index(text.split()) for use, text in table.items()}
        self._hanging = table.get("hanging", "").split()

    def _index(self, phrases: Iterable[str]) -> dict[str, list[tuple[str, ...]]]:
        """By their first token, the longest first."""
        index: dict[str, list[tuple[str, ...]]] = {}
        for phrase in sorted(phrases, key=len, reverse=True):
            tokens = tuple(phrase) if self.tight else tuple(phrase.split("_"))
            index.setdefault(tokens[0].rstrip(","), []).append(tokens)
        return index

    def tokens(self, texts: Iterable[str]) -> list[str]:
        """Of words: characters where the script has no spaces; else small letters with a mark that follows."""
        if self.tight:
            return [letter for text in texts for letter in text if not letter.isspace()]
        out = []
        for text in texts:
            plain = bare(text)
            if plain:
                out.append(plain + ("," if text.rstrip(CLOSING)[-1:] in MARKS else ""))
        return out

    def match(self, use: str, tokens: Sequence[str], at: int = 0) -> int:
        """How many tokens from `at` are the longest phrase of this use; 0: none."""
        if at >= len(tokens):
            return 0
        head = tokens[at] if self.tight else tokens[at].rstrip(",")
        for phrase in self._phrases.get(use, {}).get(head, ()):
            size = len(phrase)
            heard = tokens[at : at + size]
            if len(heard) == size and all(self._same(a, b) for a, b in zip(heard, phrase, strict=True)):
                return size
        return 0

    def _same(self, heard: str, phrase: str) -> bool:
        return heard == phrase or (not self.tight and heard.rstrip(",") == phrase)

    def counts(self, token: str) -> bool:
        """Whether a word is a number or holds one."""
        plain = token.rstrip(",")
        return any(letter.isdigit() for letter in plain) or bool(
            _EAST_NUMBER.search(plain) if self.tight else self.match("counts", [plain])
        )

    def greets(self, tokens: Sequence[str]) -> bool:
        """“Hello”, “thank you for coming”, “can you hear me?”, near the beginning of a sentence."""
        return any(self.match("greets", tokens, at) for at in range(8 if self.tight else 4))

    def hangs(self, text: str) -> bool:
        """Whether a sentence cannot end with this word."""
        return text.endswith(tuple(self._hanging)) if self.tight and self._hanging else bare(text) in self._hanging

    def asks_at_end(self, text: str) -> bool:
        """Whether a sentence without a mark asks by its last syllable."""
        return self.tight and bool(_EAST_QUESTION.search(text.rstrip(MARKS)))


@cache
def language(tag: str | None) -> Language:
    """By its BCP 47 tag, or its first part."""
    return Language((tag or "").split("-")[0].split("_")[0].lower())


def guessed(texts: Sequence[str]) -> str:
    """The language of words: by script, else the one whose small words are the most; empty: cannot be told."""
    text = "".join(texts[:2000])
    if _KANA.search(text):
        return "ja"
    if len(_HAN.findall(text)) > len(text) / 3:
        return "zh"
    seen = Counter(bare(word) for word in texts[:2000])
    hits = {code: sum(seen[word] for word in _small(code)) for code in PHRASES if code not in _TIGHT}
    best = max(hits, key=lambda code: hits[code])
    return best if hits[best] >= max(2, sum(seen.values()) / 12) else ""


@cache
def _small(code: str) -> frozenset[str]:
    return frozenset(word for use in ("hanging", "back", "soft") for word in PHRASES[code][use].split())


@lru_cache(maxsize=8192)
def bare(text: str) -> str:
    """A word in small letters, without the marks around it, with a straight apostrophe."""
    return _BARE.sub("", text.lower()).replace("\u2019", "'")
