"""What a short looks like: span, framing path, caption pages, words of its description. Pure functions.

Times are seconds. `start` and `end` of a span are seconds of the clip; everything that is returned "on the short's
clock" starts at 0 with its first frame.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from contracts.ids import digest
from contracts.media import Clip, Framing, FramingPoint, Rights, Transcript, Word
from contracts.text import columns, joined, spaced

__all__ = [
    "CaptionState",
    "Page",
    "SpokenWord",
    "Window",
    "caption_pages",
    "caption_states",
    "cover_window",
    "describe",
    "framing_mode",
    "framing_path",
    "made_for",
    "picture_remarks",
    "span_problem",
    "spoken",
    "srt",
    "words_within",
]

FRAME_SLACK = 0.002
"""Timestamps are rounded to a millisecond by some containers: a frame so little late is still the one on screen."""

ENGINE = 1
"""Raised whenever the same order gives another picture or sound than before, so that old shorts are made anew."""

WIDEST = 3.0
LARGEST_SCALE = 4.0
LEAST_FILLED = 0.2
MAX_WORDS = 4
MAX_CHARACTERS = 20
MAX_PAUSE = 0.6
LINGER = 0.35
SMOOTHING = 0.6
MAX_OVERSHOOT = 0.5
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "।")  # noqa: RUF001  # full-width marks are meant


# --- the span ---------------------------------------------------------------------------------------------------------


def span_problem(start: float, end: float, duration: float) -> tuple[str, str] | None:
    """The field that does not fit a clip of `duration`, and why; None where the span fits.

    An end up to half a second beyond is a rounding of somebody's clock and is cut to the clip's end.
    """
    if start >= duration:
        return "start", f"The span starts at {start:.2f} s, but the clip is {duration:.2f} s long"
    if end > duration + MAX_OVERSHOOT:
        return "end", f"The span ends at {end:.2f} s, but the clip is {duration:.2f} s long"
    return None


def made_for(media_sha256: str, words: Sequence[Word], framing: Framing | None) -> str:
    """Names what a short is made of besides its span and recipe, which are in its id."""
    said = [(word.text, word.start, word.end) for word in words]
    return digest(ENGINE, media_sha256, said, framing.model_dump(mode="json") if framing else None)


# --- framing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """A part of a picture; shares of its width and height."""

    x: float
    y: float
    width: float
    height: float


def cover_window(width: float, height: float, aspect: float, center: tuple[float, float]) -> Window:
    """The largest window of `aspect` (width / height) in a picture, as near to `center` as its borders allow."""
    share_w = min(1.0, aspect * height / width)
    share_h = min(1.0, width / (aspect * height))
    return Window(
        x=min(max(center[0] - share_w / 2, 0.0), 1.0 - share_w),
        y=min(max(center[1] - share_h / 2, 0.0), 1.0 - share_h),
        width=share_w,
        height=share_h,
    )


def framing_mode(asked: str, framing: Framing | None, source_aspect: float, aspect: float) -> str:
    """`track`, `center` or `fit`.

    A picture much taller than the short is fitted: a crop would cut off heads. So is, on `auto`, one wider than 3:1: a
    crop would show a sixth of it at most.
    """
    if asked == "fit" or source_aspect < aspect * 0.6 or (asked == "auto" and source_aspect > WIDEST):
        return "fit"
    if asked == "center" or framing is None:
        return "center"
    return framing.mode


def picture_remarks(source: tuple[float, float], short: tuple[int, int], mode: str) -> tuple[str, ...]:
    """What a person should know of a source picture that is small or of an odd shape. Sizes in pixels as seen."""
    across, down = short[0] / source[0], short[1] / source[1]
    scale = min(across, down) if mode == "fit" else max(across, down)
    remarks = []
    if scale > LARGEST_SCALE:
        size = f"{source[0]:.0f}x{source[1]:.0f}"
        remarks.append(f"The source is only {size}: it is enlarged {scale:.1f} times, and looks blurred")
    filled = min(across, down) / max(across, down) if mode == "fit" else 1.0
    if filled < LEAST_FILLED:
        remarks.append(
            f"The source has another shape than the short: {100 * (1 - filled):.0f} % of the picture is background"
        )
    return tuple(remarks)


def framing_path(framing: Framing | None, start: float, frames: int, fps: float) -> list[tuple[float, float]]:
    """The centre of the crop for every frame of the short, as shares of the picture.

    Linear between the points of one shot, held before its first and after its last, eased by a moving mean (applied
    twice) that never reaches over a cut; a shot without points is centred.
    """
    if framing is None or not framing.points:
        return [(0.5, 0.5)] * frames
    times = [start + n / fps for n in range(frames)]
    cuts = sorted(framing.cuts)
    shots = [bisect_right(cuts, t + FRAME_SLACK) for t in times]
    by_shot: dict[int, list[FramingPoint]] = {}
    for point in framing.points:
        by_shot.setdefault(bisect_right(cuts, point.t + FRAME_SLACK), []).append(point)
    path: list[tuple[float, float]] = []
    first = 0
    while first < frames:
        last = bisect_right(shots, shots[first], lo=first)
        points = by_shot.get(shots[first], [])
        xs = _eased([_at(points, [p.x for p in points], t) for t in times[first:last]], fps)
        ys = _eased([_at(points, [p.y for p in points], t) for t in times[first:last]], fps)
        path.extend(zip(xs, ys, strict=True))
        first = last
    return path


def _at(points: Sequence[FramingPoint], values: Sequence[float], t: float) -> float:
    if not points:
        return 0.5
    after = bisect_right([point.t for point in points], t)
    if after == 0:
        return values[0]
    if after == len(points):
        return values[-1]
    a, b = points[after - 1], points[after]
    share = (t - a.t) / (b.t - a.t)
    return values[after - 1] + share * (values[after] - values[after - 1])


def _eased(values: list[float], fps: float) -> list[float]:
    radius = max(1, round(SMOOTHING * fps / 2))
    for _ in range(2):
        sums = [0.0, *accumulate(values)]
        count = len(values)
        eased = []
        for n in range(count):
            reach = min(radius, n, count - 1 - n)  # symmetric, so that a steady pan keeps its pace up to the cut
            eased.append((sums[n + reach + 1] - sums[n - reach]) / (2 * reach + 1))
        values = eased
    return values


# --- what is said -----------------------------------------------------------------------------------------------------


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


# --- words about it ---------------------------------------------------------------------------------------------------


def describe(clip: Clip) -> str:
    """The description: who made the source, under which licence, where it is watched; as far as the source tells."""
    rights = clip.candidate.rights
    lines = [credit] if (credit := _credit(clip, rights)) else []
    if clip.source_url.startswith(("https://", "http://")):
        lines.append(f"Source: {clip.source_url}")
    return "\n".join(lines)


def _credit(clip: Clip, rights: Rights) -> str:
    if rights.attribution:
        credit = rights.attribution
    elif owner := rights.owner or clip.candidate.author:
        credit = f"“{clip.title}” by {owner}"  # typographic quotes: a title may hold straight ones
    else:
        credit = ""
    missing = [part for part in (rights.licence, rights.licence_url) if part and part not in credit]
    return ", ".join([*([credit] if credit else []), *missing])
