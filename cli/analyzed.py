"""What `clipwire analyze` has found: a table of moments with their reasons, and what was seen and heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.analysis import Analysed
from cli.output import console, plain, say
from cli.sources import shown
from contracts.sight import Analysis
from contracts.text import clock

__all__ = ["answer", "print_analysed"]


def answer(found: Analysed) -> dict[str, Any]:
    """For programs."""
    return {
        "film": str(found.film),
        "duration": found.clip.duration,
        "transcript": found.transcript.model_dump(mode="json") if found.transcript else None,
        "why_no_better_transcript": found.silent,
        **found.analysis.model_dump(mode="json"),
        "notes": list(found.notes),
    }


def print_analysed(found: Analysed, sheet: Path, seconds: float) -> None:
    """For people: the moments to standard output, what was seen and remarks beside it."""
    from cli.contact_sheet import MOST

    table = Table(box=None, pad_edge=False, header_style="bold", width=None if console.width < 100 else 100)
    for name in ("", "from", "to", "score"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("moment", ratio=1, overflow="fold")
    for number, moment in enumerate(found.analysis.moments, 1):
        told = Text(plain(moment.title), style="bold")
        told.append(f"\n{plain(moment.reason)}", style="not bold")
        table.add_row(str(number), clock(moment.start), clock(moment.end), f"{100 * moment.score:.0f}", told)
    console.print(table, soft_wrap=False)
    for line in _told(found):
        say(line)
    for note in dict.fromkeys([*found.clip.warnings, *found.analysis.warnings, *_why(found), *found.notes]):
        say(f"note: {note}")
    more = len(found.analysis.moments) > MOST
    say(f"contact sheet{f' of the first {MOST}' if more else ''}: {shown(sheet)}")
    say(f"analysed in {seconds:.1f} s: {found.clip.duration / max(seconds, 0.001):.1f} times as fast as it plays")


def _why(found: Analysed) -> Iterator[str]:
    yield from (found.silent,) if found.silent else ()
    yield from found.transcript.notes if found.transcript else ()


def _told(found: Analysed) -> Iterator[str]:
    """What was seen and heard, a line each."""
    clip, analysis, transcript = found.clip, found.analysis, found.transcript
    yield f"film: {clock(clip.duration)} of {clip.width}x{clip.height}, {_many(len(analysis.shots), 'shot')}"
    if transcript is not None:
        language = f" in {transcript.language}" if transcript.language else ""
        moved = f", moved by {transcript.shift:+.1f} s" if transcript.shift else ""
        yield f"said: {_many(len(transcript.words), 'word')}{language}, by {transcript.method}{moved}"
    if heard := _heard(analysis):
        yield f"heard: {heard}"
    seen = [*_seen(analysis)]
    if seen:
        yield f"seen: {', '.join(seen)}"


def _heard(analysis: Analysis) -> str:
    spans: dict[str, float] = {}
    for sound in analysis.sounds:
        spans[sound.kind] = spans.get(sound.kind, 0.0) + sound.end - sound.start
    longest = sorted(spans.items(), key=lambda kind: -kind[1])
    return ", ".join(f"{kind} for {seconds:.0f} s" for kind, seconds in longest)


def _seen(analysis: Analysis) -> Iterator[str]:
    if analysis.people:
        speaking = sum(bool(person.speaking) for person in analysis.people)
        yield _many(len(analysis.people), "face") + (f" ({speaking} speaking)" if speaking else "")
    kinds = Counter(area.kind for area in analysis.areas if area.kind != "face")
    yield from (_many(count, f"area of {kind}", f"areas of {kind}") for kind, count in kinds.items())
    if analysis.screens:
        yield f"a screen for {sum(span.end - span.start for span in analysis.screens):.0f} s"
    if analysis.active is not None:
        yield "black bars"
    if analysis.fades:
        yield _many(len(analysis.fades), "fade")
    modes = Counter(section.mode for section in analysis.framing.sections)
    yield from (f"{mode} {_many(count, 'time')}" for mode, count in modes.items())


def _many(count: int, one: str, more: str | None = None) -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"
