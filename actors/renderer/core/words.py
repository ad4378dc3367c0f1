"""What is said, on the short's clock: words, caption pages and their frames, SubRip. Times are seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from contracts.media import Transcript, Word
from contracts.text import columns, joined, spaced

__all__ = [
    "CaptionState",
    "Page",
    "SpokenWord",
    "caption_pages",
    "caption_states",
    "spoken",
    "srt",
    "words_within",
]

MAX_WORDS = 4
MAX_CHARACTERS = 20
MAX_PAUSE = 0.6
LINGER = 0.35
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "।")  # noqa: RUF001  # full-width marks are meant


@dataclass(frozen=True)
class SpokenWord:
    """One word on the short's clock."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Page:
    """Words that are shown together."""

    words: tuple[SpokenWord, ...]
    end: float

    @property
    def start(self) -> float:
        """When it appears."""
        return self.words[0].start

    @property
    def text(self) -> str:
        """Its words as a line."""
        return joined([word.text for word in self.words])

    @property
    def spaces(self) -> tuple[bool, ...]:
        """For each word, whether a space stands before it."""
        return (False, *(spaced(before.text, word.text) for before, word in pairwise(self.words)))


@dataclass(frozen=True)
class CaptionState:
    """Frames `first` to `last` (exclusive) show `page` with word `active` lit; None: no word is being said."""

    first: int
    last: int
    page: int
    active: int | None


def words_within(transcript: Transcript, start: float, end: float) -> tuple[Word, ...]:
    """The words of which at least half is said within the span."""
    return tuple(word for word in transcript.words if word.text and start <= (word.start + word.end) / 2 < end)


def spoken(words: Sequence[Word], start: float, duration: float) -> tuple[SpokenWord, ...]:
    """The words on the short's clock, in order, none longer than the short and none before its forerunner ends."""
    result: list[SpokenWord] = []
    for word in sorted(words, key=lambda word: word.start):
        text = " ".join(word.text.split())
        begin = min(max(word.start - start, 0.0, result[-1].start if result else 0.0), duration)
        finish = min(max(word.end - start, begin), duration)
        if text and begin < duration:
            if result and result[-1].end > begin:
                result[-1] = SpokenWord(result[-1].text, result[-1].start, begin)
            result.append(SpokenWord(text, begin, finish))
    return tuple(result)


def caption_pages(words: Sequence[SpokenWord], duration: float) -> tuple[Page, ...]:
    """Pages of a few words: broken at pauses and ends of sentences, and where a line is full.

    A page stays a moment after its last word, but never into the next page.
    """
    groups: list[list[SpokenWord]] = []
    for word in words:
        if groups and _continues(groups[-1], word):
            groups[-1].append(word)
        else:
            groups.append([word])
    ends = [min(group[-1].end + LINGER, duration) for group in groups]
    for n, (_, following) in enumerate(pairwise(groups)):
        ends[n] = min(ends[n], following[0].start)
    return tuple(Page(tuple(group), end) for group, end in zip(groups, ends, strict=True))


def _continues(group: Sequence[SpokenWord], word: SpokenWord) -> bool:
    length = columns(joined([each.text for each in (*group, word)]))
    return (
        len(group) < MAX_WORDS
        and length <= MAX_CHARACTERS
        and word.start - group[-1].end <= MAX_PAUSE
        and not group[-1].text.endswith(SENTENCE_ENDS)
    )


def caption_states(pages: Sequence[Page], fps: float, frames: int) -> tuple[CaptionState, ...]:
    """What is shown on which frames. A word is lit until the next of its page begins, the last one until it ends."""
    states: list[CaptionState] = []
    for number, page in enumerate(pages):
        borders = [round(word.start * fps) for word in page.words]
        said = max(round(page.words[-1].end * fps), borders[-1] + 1)
        last = min(max(round(page.end * fps), said), frames)
        if number + 1 < len(pages):
            last = min(last, round(pages[number + 1].start * fps))
        for active, (first, stop) in enumerate(pairwise([*borders, said])):
            if first < min(stop, last):
                states.append(CaptionState(first, min(stop, last), number, active))
        if said < last:
            states.append(CaptionState(said, last, number, None))
    return tuple(states)


def srt(words: Sequence[SpokenWord], duration: float) -> str:
    """SubRip text: cues of up to two lines of 42 characters and 5 seconds, broken like pages."""
    cues: list[list[SpokenWord]] = []
    for word in words:
        cue = cues[-1] if cues else []
        length = columns(joined([each.text for each in (*cue, word)]))
        fits = cue and length <= 84 and word.end - cue[0].start <= 5 and word.start - cue[-1].end <= MAX_PAUSE
        if fits and not (cue[-1].text.endswith(SENTENCE_ENDS) and length > 42):
            cue.append(word)
        else:
            cues.append([word])
    blocks = []
    for n, cue in enumerate(cues):
        end = min(cue[-1].end + LINGER, cues[n + 1][0].start if n + 1 < len(cues) else duration)
        text = _two_lines([word.text for word in cue])
        blocks.append(f"{n + 1}\n{_srt_time(cue[0].start)} --> {_srt_time(max(end, cue[0].start + 0.001))}\n{text}\n")
    return "\n".join(blocks)


def _two_lines(words: Sequence[str]) -> str:
    text = joined(words)
    if columns(text) <= 42:
        return text
    ends = {len(joined(words[:n])) for n in range(1, len(words))}
    ends |= {n for n, letter in enumerate(text) if letter == " "}
    if not ends:
        return text
    middle = min(ends, key=lambda n: (abs(n - len(text) / 2), n))
    return f"{text[:middle]}\n{text[middle:].removeprefix(' ')}"


def _srt_time(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3600000:02}:{whole // 60000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"
