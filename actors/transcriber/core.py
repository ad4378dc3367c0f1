"""From cues to words to sentences: cleaning, dividing, spreading in time."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from contracts.media import CaptionTrack, Sentence, Word
from contracts.text import HAN, HIRAGANA, KATAKANA, SOUTH_EAST, joined

__all__ = ["Cue", "best_first", "cleaned", "divided", "joined", "sentences_of", "within", "words_of"]

_ORDER = {"given": 0, "beside": 1, "source": 2, "automatic": 3}

_PAUSE_S = 0.8  # between words that belong to different sentences
_LONGEST_CHARS = 160
_LONGEST_S = 15.0
_CHAR_S = 0.09  # a slow speaker's time per character: a word that is followed by silence ends after so long
_SHORTEST_WORD_S = 0.3


@dataclass(frozen=True)
class Cue:
    """One caption on the screen, in seconds. `pieces`: parts of its text with their times; empty: not known."""

    start: float
    end: float
    text: str = ""
    pieces: tuple[tuple[float, str], ...] = ()


def best_first(tracks: Iterable[CaptionTrack]) -> list[CaptionTrack]:
    """Captions in the order in which they are trusted: given, beside the file, from the source, automatic."""
    return sorted(tracks, key=lambda track: _ORDER[track.origin])


# --- text -----------------------------------------------------------------------------------------------------------

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_SOUNDS = "laugh|chuckl|giggl|applau|music|sigh|cough|gasp|scream|crying|sob|cheer|inaudible"
_NOTE = re.compile(rf"\[[^\[\]]*\]|【[^】]*】|〔[^〕]*〕|[♪♫♬♩]+|\((?:{_SOUNDS})[^()]*\)", re.IGNORECASE)  # noqa: RUF001  # brackets of East Asian captions
_WHOLE_NOTE = re.compile(r"^\s*[-–]?\s*[(（][^()（）]*[)）]\s*$")  # noqa: RUF001  # brackets of East Asian captions
_MARK = re.compile(r"^\s*(?:>>+|[-–—](?=\s*[^\W\d]))\s*")  # noqa: RUF001  # dashes of dialogue
_NAME = re.compile(r"^\s*([^\W\d_][\w .'&-]{1,30}):\s+(?=\S)")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f]")


def cleaned(text: str) -> list[tuple[str, str | None]]:
    """A cue's text without mark-up, sound notes and speaker marks, by line; with the speaker, where one is named."""
    lines: list[tuple[str, str | None]] = []
    speaker = None
    for raw in text.split("\n"):
        voice = _VOICE.search(raw)
        line = _INVISIBLE.sub("", html.unescape(_TAG.sub("", raw)).replace("\xa0", " "))
        if _WHOLE_NOTE.match(line):
            continue
        line = _NOTE.sub(" ", line)
        marked = _MARK.match(line)
        line = line[marked.end() :] if marked else line
        name = _NAME.match(line)
        if name and (name.group(1).isupper() or (marked and ">>" in marked.group())):
            speaker, line = name.group(1).title(), _MARK.sub("", line[name.end() :])
        elif voice or marked:  # another voice begins; a bare dash does not say whose
            speaker = voice.group(1).strip() if voice else None
        if line.strip():
            lines.append((" ".join(line.split()), speaker))
    return lines


_NO_SPACES = re.compile(f"[{HAN}{HIRAGANA}{KATAKANA}{SOUTH_EAST}]")
_GROUPS = re.compile(
    f"[{KATAKANA}]{{1,12}}|[{HAN}]{{1,2}}[{HIRAGANA}]{{0,3}}|[{HIRAGANA}]{{1,4}}|[{SOUTH_EAST}]+"
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


# --- time -----------------------------------------------------------------------------------------------------------


def words_of(cues: Iterable[Cue], duration: float) -> tuple[tuple[Word, ...], Literal["word", "spread"]]:
    """The words of cues with their times, in order, none before 0 or after `duration`.

    Where the cues say when each piece is said, the times are theirs (`word`); else the time of a cue is spread over its
    words by their length (`spread`). A cue ends where the next one begins.
    """
    usable = sorted((cue for cue in cues if 0 <= cue.start < min(cue.end, duration)), key=lambda cue: cue.start)
    words: list[Word] = []
    for group, following in _simultaneous(usable, duration):
        words += _words_of_cues(group, min(max(cue.end for cue in group), following))
    timing: Literal["word", "spread"] = "word" if any(cue.pieces for cue in usable) else "spread"
    return within(words, duration), timing


def _simultaneous(cues: Sequence[Cue], duration: float) -> Iterator[tuple[list[Cue], float]]:
    """Cues that begin together, each group with the time at which the next begins."""
    groups = [list(group) for _, group in groupby(cues, key=lambda cue: round(cue.start, 3))]
    starts = [*(group[0].start for group in groups), duration][1:]
    yield from zip(groups, starts, strict=True)


def _words_of_cues(cues: Sequence[Cue], end: float) -> list[Word]:
    if len(cues) > 1 or not cues[0].pieces:
        texts = [(word, who) for cue in cues for line, who in cleaned(cue.text) for word in divided(line)]
        return _spread(texts, cues[0].start, end)
    cue, words = cues[0], []
    starts = [*(min(max(at, cue.start), end) for at, _ in cue.pieces[1:]), end]
    for (at, raw), piece_end in zip(cue.pieces, starts, strict=True):
        start = min(max(at, cue.start), end)
        texts = [(word, who) for line, who in cleaned(raw) for word in divided(line)]
        longest = sum(_SHORTEST_WORD_S + _CHAR_S * len(text) for text, _ in texts)
        words += _spread(texts, start, max(start, min(piece_end, start + longest)))
    return words


def _spread(texts: Sequence[tuple[str, str | None]], start: float, end: float) -> list[Word]:
    """Share the time out by length; the space after a word counts as one character."""
    total = sum(len(text) + 1 for text, _ in texts)
    words, at, said = [], start, 0
    for text, speaker in texts:
        said += len(text) + 1
        until = start + (end - start) * said / total
        words.append(Word(text=text, start=at, end=until, speaker=speaker))
        at = until
    return words


def within(words: Iterable[Word], duration: float) -> tuple[Word, ...]:
    """Words in order of time, to the millisecond: each ends before the next begins, and all within the clip."""
    kept = sorted((word for word in words if word.start < duration), key=lambda word: word.start)
    limit = int(duration * 1000)
    starts = [min(round(word.start * 1000), limit) for word in kept]
    ends = [
        max(start, min(round(word.end * 1000), following))
        for word, start, following in zip(kept, starts, [*starts, limit][1:], strict=True)
    ]
    return tuple(
        word.model_copy(update={"start": start / 1000, "end": end / 1000})
        for word, start, end in zip(kept, starts, ends, strict=True)
    )


# --- sentences ------------------------------------------------------------------------------------------------------

_CLOSING = "\"'”’»›)]}」』）】"  # noqa: RUF001  # quotation marks of many languages
_FULL = frozenset("!?…。！？｡।॥؟۔።៕။‽")  # noqa: RUF001  # full stops of many languages
_INITIALS = re.compile(r"^(?:[^\W\d_]\.)+$")
_ORDINAL = re.compile(r"^\d{1,2}\.$")
_ABBREVIATION = re.compile(
    "mrs?|ms|dr|prof|sr|jr|st|vs|messrs|mme|mlle|hr|fr|nr|bzw|ca|usw|vgl|bspw|approx|inc|ltd|corp|dept|est|fig|gen|col|sgt"
    "|capt|lt|rev|hon|gov|sen|rep|vol|eds?|pp|no|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|sra|dra|ud"
)


def sentences_of(words: Sequence[Word]) -> tuple[Sentence, ...]:
    """Sentences end at a full stop, at a pause of more than 0.8 s, and where they would grow too long to be read."""
    spans: list[tuple[int, int]] = []
    first = 0
    for i, word in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else None
        if following is None or following.start - word.end > _PAUSE_S or _ends_sentence(word.text, following.text):
            spans += _shortened(words, first, i)
            first = i + 1
    return tuple(
        Sentence(
            first=a, last=b, start=words[a].start, end=words[b].end, text=joined([w.text for w in words[a : b + 1]])
        )
        for a, b in spans
    )


def _ends_sentence(text: str, following: str) -> bool:
    bare = text.rstrip(_CLOSING)
    if not bare:
        return False
    starts_small = following.lstrip(_CLOSING + "“‘«‹([¿¡").strip()[:1].islower()  # noqa: RUF001  # quotation marks
    if bare.endswith(("...", "…")):
        return not starts_small
    if bare[-1] in _FULL:
        return True
    if bare[-1] != ".":
        return False
    stem = bare[:-1].lstrip("“‘«‹([\"'").lower()  # noqa: RUF001  # quotation marks
    return not (starts_small or _ABBREVIATION.fullmatch(stem) or _INITIALS.match(bare) or _ORDINAL.match(bare))


def _shortened(words: Sequence[Word], first: int, last: int) -> list[tuple[int, int]]:
    """Cut what is too long where it hurts least: at a comma, at the longest pause, near the middle."""
    chars = sum(len(word.text) + 1 for word in words[first : last + 1])
    if first == last or (chars <= _LONGEST_CHARS and words[last].end - words[first].start <= _LONGEST_S):
        return [(first, last)]

    def worth(i: int) -> float:
        pause = words[i + 1].start - words[i].end
        comma = words[i].text[-1] in ",;:،、，；：—–"  # noqa: RUF001  # commas of many languages
        centre = 1 - abs(2 * (i - first) + 1 - (last - first)) / (last - first)
        # The middle weighs more than comma and pause together, so that the halves shrink quickly.
        return 2 * centre + 0.6 * comma + min(pause, 1.0)

    cut = max(range(first, last), key=worth)
    return [*_shortened(words, first, cut), *_shortened(words, cut + 1, last)]
