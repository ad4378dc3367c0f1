"""Caption files: SubRip, WebVTT (W3C, with YouTube's inline times) and YouTube's json3, as cues."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

from actors.transcriber.core import Cue

__all__ = ["BadCaptionsError", "decoded", "parse"]

_CLOCK = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_CLOCK}\s*--?>\s*{_CLOCK}")
_INLINE = re.compile(rf"<{_CLOCK}>")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ADJACENT_S = 0.2
_MOST_ACCENTS = 0.4
"""Share of letters beyond ASCII that no language has which Windows-1252 is made for."""


class BadCaptionsError(ValueError):
    """The file is not what it should be; the text says how, as the end of a sentence."""


def parse(body: bytes, kind: Literal["srt", "vtt", "json3"]) -> list[Cue]:
    """The cues of a caption file, in seconds. Raises `BadCaptionsError` where there are none."""
    text = decoded(body)
    cues = _json3(text) if kind == "json3" else _unrolled(list(_cues(text, web=kind == "vtt")))
    if not cues:
        raise BadCaptionsError("has no captions in it that can be read")
    return cues


def decoded(body: bytes) -> str:
    """UTF-8 or UTF-16, by mark or zeros; else Windows-1252, which old caption files are written in.

    Raises `BadCaptionsError` where that would be no language: old files in Cyrillic, Greek or Chinese do not say which
    encoding of many they are in, and nobody is shown a guess.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    head = body[:2000]
    if len(head) >= 4 and head.count(0) > len(head) // 4:
        return body.decode("utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = body.decode("cp1252")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    letters = re.findall(r"[^\W\d_]|[\x80-\x9f]", text)
    if sum(not letter.isascii() for letter in letters) > _MOST_ACCENTS * len(letters):
        raise BadCaptionsError("is neither in UTF-8, UTF-16 nor Windows-1252; save it as UTF-8")
    return text


def _cues(text: str, *, web: bool) -> Iterator[Cue]:
    """Lenient: whatever stands between one line of times and the next is a cue; the rest is not looked at."""
    times: re.Match[str] | None = None
    lines: list[str] = []
    for line in [*re.split(r"\r\n|\r|\n", text), None]:
        found = _TIMING.match(line) if line is not None else None
        # In WebVTT an empty line ends a cue (a blank one does not); SubRip files have empty lines inside of cues, too.
        if times is not None and (line is None or found or (web and line == "")):
            if found and not web:
                _drop_counter(lines)
            yield from _cue(times, lines)
            times, lines = None, []
        if found:
            times, lines = found, []
        elif times is not None and line is not None:
            lines.append(line)


def _drop_counter(lines: list[str]) -> None:
    """The number of the next SubRip cue stands before its times."""
    while lines and not lines[-1].strip():
        lines.pop()
    if lines and lines[-1].strip().isdecimal():
        lines.pop()


def _cue(times: re.Match[str], lines: Iterable[str]) -> Iterator[Cue]:
    groups = times.groups()
    start, end = _seconds(*groups[:4]), _seconds(*groups[4:])
    text = "\n".join(line for line in lines if line.strip())
    if text and end > start:
        yield Cue(start, end, text)


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _unrolled(cues: list[Cue]) -> list[Cue]:
    """Captions that roll show each line as it is said and again above the next: each is kept once, the first time."""
    timed = any(_INLINE.search(cue.text) for cue in cues)
    if not timed and not _rolls(cues):
        return cues
    kept: list[Cue] = []
    shown: list[str] = []
    shown_until = 0.0
    for cue in cues:
        lines = cue.text.split("\n")
        plain = [_bare(line) for line in lines]
        old = shown if cue.start - shown_until < _ADJACENT_S else []
        new = [line for line, bare in zip(lines, plain, strict=True) if bare not in old]
        shown, shown_until = plain, cue.end
        if new:
            text = "\n".join(new)
            kept.append(replace(cue, text=text, pieces=_pieces(cue.start, text)))
    return kept


def _rolls(cues: list[Cue]) -> bool:
    """Whether cues of several lines begin with the last line of the one before."""
    again = 0
    for before, cue in pairwise(cues):
        lines = cue.text.split("\n")
        adjacent = cue.start - before.end < _ADJACENT_S
        again += adjacent and len(lines) > 1 and _bare(lines[0]) == _bare(before.text.split("\n")[-1])
    return again > 0 and again >= len(cues) * 0.2


def _bare(line: str) -> str:
    return " ".join(re.sub(r"<[^<>]*>", "", line).split())


def _pieces(start: float, text: str) -> tuple[tuple[float, str], ...]:
    """`hello<00:00:01.000><c> world</c>` as parts with their times; nothing where there are no times inside."""
    pieces: list[tuple[float, str]] = []
    at, position = start, 0
    for mark in _INLINE.finditer(text):
        pieces.append((at, text[position : mark.start()]))
        at, position = _seconds(*mark.groups()), mark.end()
    if not pieces:
        return ()
    pieces.append((at, text[position:]))
    return tuple((when, part) for when, part in pieces if part.strip())


def _json3(text: str) -> list[Cue]:
    """Events with `tStartMs`, `dDurationMs` and `segs`; a segment of automatic captions is a word with `tOffsetMs`."""
    try:
        events = json.loads(text)["events"]
        cues = [cue for event in events if (cue := _event(event))]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise BadCaptionsError("is no json3 captions file") from None
    return cues


def _event(event: dict[str, Any]) -> Cue | None:
    segments = [seg for seg in event.get("segs") or () if _segment_text(seg).strip()]
    if not segments:
        return None
    start = _milliseconds(event["tStartMs"])
    end = start + _milliseconds(event.get("dDurationMs", 0))
    text = "".join(map(_segment_text, event["segs"]))
    if not any("tOffsetMs" in seg for seg in segments):
        return Cue(start, end, text) if end > start else None
    pieces = tuple((start + _milliseconds(seg.get("tOffsetMs", 0)), _segment_text(seg)) for seg in segments)
    return Cue(start, max(end, pieces[-1][0]), text, pieces)


def _segment_text(segment: dict[str, Any]) -> str:
    """Half of a pair of UTF-16, which JSON can say and no text can have, becomes the sign for what is lost."""
    return _SURROGATE.sub("\ufffd", str(segment.get("utf8") or ""))


def _milliseconds(told: Any) -> float:
    """Seconds. Raises `ValueError` for what is no time, as NaN and infinity, which Python's JSON takes for numbers."""
    seconds = float(told) / 1000
    if not math.isfinite(seconds):
        raise ValueError(told)
    return seconds
