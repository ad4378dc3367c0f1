"""The words of a clip: where sentences begin and end, how rare each word is, and which ones hold a viewer."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.media import Transcript

__all__ = ["CLOSING", "DANGLING", "HOOKS", "NUMBERS", "Word", "bare", "rarities", "spoken"]

HOOKS, NUMBERS, DANGLING = (
    frozenset(words.split())
    for words in (
        """why how what never nobody nothing secret actually but however wrong mistake truth instead except worst
        best stop warum wie was nie niemand geheimnis aber falsch fehler wahrheit pourquoi comment jamais personne
        mais erreur nunca nadie secreto pero verdad porque cómo""",
        """two three four five six seven eight nine ten hundred thousand million billion half double twice percent first
        zwei drei vier fünf zehn hundert tausend deux trois quatre cinq dix cent mille
        dos tres cuatro cinco diez cien""",
        """and but or so because which that then also he she it they them his her their this these those there
        und oder aber weil er sie es et ou mais donc il elle ils y o pero él ella""",
    )
)
"""Words that hold a viewer, count something, or point back to what was said (English, German, French, Spanish)."""
CLOSING = "'\"\u201d\u2019)]"
_END = re.compile(rf"[.?!\u2026\u3002\uff01\uff1f][{re.escape(CLOSING)}]*$")
_BARE = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True)
class Word:
    """A spoken word, in seconds of the clip. `opens`, `closes`: it is the first or last one of a sentence."""

    start: float
    end: float
    text: str
    opens: bool
    closes: bool


def spoken(transcript: Transcript, duration: float) -> list[Word]:
    """The words inside the clip in order of time, with the borders of their sentences."""
    opens = {sentence.first for sentence in transcript.sentences}
    closes = {sentence.last for sentence in transcript.sentences}
    out = []
    for index, word in enumerate(transcript.words):
        if word.start >= duration or not word.text:
            continue
        ends = index in closes if closes else bool(_END.search(word.text))
        begins = index in opens if opens else index == 0 or bool(_END.search(transcript.words[index - 1].text))
        out.append(Word(word.start, min(max(word.start, word.end), duration), word.text, begins, ends))
    return sorted(out, key=lambda word: (word.start, word.end))


def rarities(words: Sequence[Word]) -> list[float]:
    """How rare each word is in this clip, from 0 (always there) to 1 (said once): log(n / count) / log(n)."""
    plain = [bare(word.text) for word in words]
    counts, total = Counter(plain), math.log(max(2, len(plain)))
    return [math.log(max(2, len(plain)) / counts[word]) / total if len(word) > 2 else 0.0 for word in plain]


def bare(text: str) -> str:
    """A word in small letters, without the marks around it."""
    return _BARE.sub("", text.lower())
