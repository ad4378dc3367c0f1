"""Soft captions beside the file: SubRip and WebVTT. Times are seconds of the short."""

from __future__ import annotations

from collections.abc import Sequence

from actors.renderer.core.glue import ends_sentence, glued
from actors.renderer.core.pages import LINGER, MAX_PAUSE
from actors.renderer.core.words import Said
from contracts.text import columns, joined

__all__ = ["srt", "vtt"]

LINE = 42
LONGEST = 5.0


def srt(words: Sequence[Said], duration: float) -> str:
    """SubRip text: cues of up to two lines of 42 characters and 5 seconds."""
    blocks = []
    for n, (cue, end) in enumerate(_cues(words, duration)):
        text = "\n".join(joined([word.text for word in line]) if line else "" for line in _lines(cue))
        blocks.append(f"{n + 1}\n{_time(cue[0].start, ',')} --> {_time(end, ',')}\n{text}\n")
    return "\n".join(blocks)


def vtt(words: Sequence[Said], duration: float) -> str:
    """WebVTT with the time of every word inside its cue (W3C, WebVTT, "cue timestamps")."""
    blocks = ["WEBVTT\n"]
    for cue, end in _cues(words, duration):
        begin = cue[0].start
        lines, shown = [], _time(begin, ".")
        for line in _lines(cue):
            text = ""
            for n, word in enumerate(line):
                stamp = _time(word.start, ".")
                # A cue timestamp must be later than everything before it, and within its cue.
                mark = f"<{stamp}>" if shown < stamp < _time(end, ".") else ""
                shown = max(shown, stamp)
                gap = " " if n and joined([line[n - 1].text, word.text]) != line[n - 1].text + word.text else ""
                text += f"{gap}{mark}{_escaped(word.text)}"
            lines.append(text)
        blocks.append(f"{_time(begin, '.')} --> {_time(end, '.')}\n" + "\n".join(lines) + "\n")
    return "\n".join(blocks)


def _cues(words: Sequence[Said], duration: float) -> list[tuple[Sequence[Said], float]]:
    """Groups of words with the time at which each goes."""
    cues: list[list[Said]] = []
    for word in words:
        cue = cues[-1] if cues else []
        length = columns(joined([each.text for each in (*cue, word)]))
        fits = cue and length <= 2 * LINE and word.end - cue[0].start <= LONGEST
        fits = fits and word.start - cue[-1].end <= MAX_PAUSE
        if cue and (glued(cue[-1].text, word.text) or (fits and not (ends_sentence(cue[-1].text) and length > LINE))):
            cue.append(word)
        else:
            cues.append([word])
    ends = [cues[n + 1][0].start if n + 1 < len(cues) else duration for n in range(len(cues))]
    return [
        (cue, max(min(cue[-1].end + LINGER, limit), cue[0].start + 0.001))
        for cue, limit in zip(cues, ends, strict=True)
    ]


def _lines(cue: Sequence[Said]) -> tuple[Sequence[Said], ...]:
    """A cue in one line, or in two that are nearly even; no quantity is parted."""
    texts = [word.text for word in cue]
    whole = columns(joined(texts))
    ends = [n for n in range(1, len(texts)) if not glued(texts[n - 1], texts[n])]
    if whole <= LINE or not ends:
        return (cue,)
    middle = min(ends, key=lambda n: (abs(columns(joined(texts[:n])) - columns(joined(texts[n:]))), n))
    return cue[:middle], cue[middle:]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(seconds: float, point: str) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3600000:02}:{whole // 60000 % 60:02}:{whole // 1000 % 60:02}{point}{whole % 1000:03}"
