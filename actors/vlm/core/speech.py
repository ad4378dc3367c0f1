"""What is said, sentence by sentence, and where in it numbers, questions and turns are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from actors.vlm.core.languages import CLOSING, Language, guessed, language
from actors.vlm.core.words import Word, marked, rarities
from contracts.text import joined

__all__ = ["PAUSE", "Sentence", "Speech"]

PAUSE, SILENCE = 0.35, 2.0
"""Seconds: a pause between words, a stretch without speech."""
_ASKS = ("?", "\uff1f", "\u061f")
_PAIRS = {"\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb", "\u00bb": "\u00ab", "\u300c": "\u300d",
          "\u300e": "\u300f", '"': '"'}  # fmt: skip
LONGEST_QUOTE = 12
"""Sentences; a quotation that goes on for longer has lost its closing mark."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words `first` to `last`, inclusive. `full`: it ends where a sentence ends, not where a speaker or a cue paused;
    `asks`: a question, unless it is one about the hall.

    `quoted`: whether it begins, and whether it ends, inside a quotation that goes on.
    """

    first: int
    last: int
    start: float
    end: float
    tongue: Language
    speaker: str | None
    full: bool
    asks: bool
    quoted: tuple[bool, bool] = (False, False)


class Speech:
    """Words and sentences, with sums over words so that any span is counted in constant time."""

    def __init__(self, words: Sequence[Word], duration: float) -> None:
        self.words = words
        self._guess = guessed([word.text for word in words[:2000]]) if words else ""
        self._punctuated = sum(marked(word.text) for word in words) * 40 > len(words)
        self._questions_marked = any(word.text.rstrip(CLOSING).endswith(_ASKS) for word in words)
        self.sentences = _with_quotations(words, self._sentences(duration))
        self.place = [0] * (len(words) + 1)
        turns, counts, asked = ([0] * len(words) for _ in range(3))
        for number, sentence in enumerate(self.sentences):
            self._flag(sentence, turns, counts)
            asked[sentence.first] = int(sentence.asks)
            for index in range(sentence.first, sentence.last + 1):
                self.place[index] = number
        self.place[-1] = len(self.sentences)
        self.turns, self.counts, self.asked = (list(accumulate(v, initial=0)) for v in (turns, counts, asked))
        self.rare = list(accumulate(rarities(words), initial=0.0))
        self.known = any(sentence.tongue.known for sentence in self.sentences)
        pauses = [b.start - a.end for a, b in pairwise(words)]
        talking = (words[-1].end - words[0].start - sum(p for p in pauses if p >= SILENCE)) if words else 0.0
        self.usual_rate = len(words) / max(1.0, talking)

    def text(self, first: int, last: int) -> str:
        """What the words from `first` up to, not including, `last` say."""
        return joined([word.text for word in self.words[first:last]])

    def _sentences(self, duration: float) -> list[Sentence]:
        out, first = [], 0
        for index, word in enumerate(self.words):
            after = self.words[index + 1] if index + 1 < len(self.words) else None
            if after is None or word.closes or after.opens:
                out.append(self._sentence(first, index, (after.start if after else duration) - word.end))
                first = index + 1
        return out

    def _sentence(self, first: int, last: int, pause: float) -> Sentence:
        words = self.words[first : last + 1]
        tongue = language(words[0].language or self._guess)
        final = words[-1].text
        if self._punctuated:
            full = marked(final)
        else:
            full = (pause >= PAUSE or last == len(self.words) - 1) and not tongue.hangs(final)
        opening = tongue.tokens(word.text for word in words[:12])
        if self._questions_marked:
            asks = final.rstrip(CLOSING).endswith(_ASKS)
        else:
            asks = bool(tongue.match("asks", opening)) or tongue.asks_at_end(final)
        asks = asks and not tongue.greets(opening)
        return Sentence(first, last, words[0].start, words[-1].end, tongue, words[0].speaker, full, asks)

    def _flag(self, sentence: Sentence, turns: list[int], counts: list[int]) -> None:
        """Mark the words that turn or count."""
        tokens, owners = [], []
        for index in range(sentence.first, sentence.last + 1):
            own = sentence.tongue.tokens([self.words[index].text])
            tokens += own
            owners += [index] * len(own)
            counts[index] = int(sentence.tongue.counts(self.words[index].text.lower()))
        for at, owner in enumerate(owners):
            turns[owner] |= int(bool(sentence.tongue.match("turns", tokens, at)))


def _with_quotations(words: Sequence[Word], sentences: list[Sentence]) -> list[Sentence]:
    """The sentences, with those marked that stand inside a quotation of several sentences."""
    open_since: int | None = None
    closing = ""
    inside = [False] * (len(sentences) + 1)
    for number, sentence in enumerate(sentences):
        for word in words[sentence.first : sentence.last + 1]:
            for letter in word.text:
                if open_since is not None and letter == closing:
                    for between in range(open_since + 1, number + 1):
                        inside[between] = True
                    open_since = None
                elif open_since is None and letter in _PAIRS:
                    open_since, closing = number, _PAIRS[letter]
        if open_since is not None and number - open_since > LONGEST_QUOTE:
            open_since = None
    return [
        replace(sentence, quoted=(inside[number], inside[number + 1]))
        if inside[number] or inside[number + 1]
        else sentence
        for number, sentence in enumerate(sentences)
    ]
