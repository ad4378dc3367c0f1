"""The figures of many talks: as lines for a terminal, and as docs/quality.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from tools.quality.counts import Measured

__all__ = ["Figure", "figures", "lines", "missed", "page"]

Value = float | None


@dataclass(frozen=True)
class Figure:
    """One figure over talks. `good`: whether a value reaches the aim; absent: it is only told."""

    name: str
    of: Callable[[Sequence[Measured]], Value]
    form: str
    aim: str = ""
    good: Callable[[float], bool] | None = None


def figures() -> tuple[Figure, ...]:
    """What is measured, in the order of the page."""
    return (
        Figure("cuts: F1", _f1, "{:.3f}", "≥ 0.95", lambda v: v >= 0.95),
        Figure("cuts: precision", lambda m: _share(_sum(m, "cuts_found"), _sum(m, "cuts_wrong")), "{:.3f}"),
        Figure("cuts: recall", lambda m: _share(_sum(m, "cuts_found"), _sum(m, "cuts_missed")), "{:.3f}"),
        Figure(
            "boundaries inside a word, with a transcript", lambda m: _in_word(m, unheard=False), "{:.0f}", "0", _none
        ),
        Figure("boundaries inside a word, without one", lambda m: _in_word(m, unheard=True), "{:.0f}"),
        Figure("planted moments in the top four, %", lambda m: _percent(m, "found", "planted"), "{:.1f}", "≥ 90", _90),
        Figure("… and opened by their hook (3 s), %", lambda m: _percent(m, "opened", "planted"), "{:.1f}"),
        Figure("… overlapped by half, whatever the edges, %", lambda m: _percent(m, "overlapped", "planted"), "{:.1f}"),
        Figure("… found by chance, %", lambda m: _percent(m, "chance", "planted"), "{:.1f}"),
        Figure("face inside the crop, % of pictures", lambda m: _percent(m, "kept", "faces"), "{:.2f}", "≥ 98", _98),
        Figure("… of these with the whole picture shown, %", lambda m: _percent(m, "fitted", "faces"), "{:.1f}"),
        Figure("reversals of the path per second", _reversals, "{:.3f}", "≤ 0.13", lambda v: v <= 0.13),
        Figure("right speaker of two, %", lambda m: _percent(m, "turns_right", "turns"), "{:.1f}"),
        Figure("… nobody was said to speak, %", lambda m: _percent(m, "turns_unknown", "turns"), "{:.1f}"),
        Figure("shift of captions: largest error, s", _shift, "{:.2f}"),
        Figure("start of words: median error, s", lambda m: _words(m, 0.5), "{:.3f}"),
        Figure("start of words: 95 % are within, s", lambda m: _words(m, 0.95), "{:.3f}"),
        Figure("right captions that were refused", lambda m: float(_sum(m, "refused")), "{:.0f}", "0", _none),
        Figure("captions of another video that were taken", lambda m: float(_sum(m, "accepted")), "{:.0f}", "0", _none),
        Figure("length, min", lambda m: _length(m) / 60, "{:.1f}"),
        Figure("times faster than real time", lambda m: _length(m) / _spent(m, "seconds"), "{:.1f}"),
        Figure("processor seconds for a minute", lambda m: 60 * _spent(m, "processor") / _length(m), "{:.2f}"),
    )


def missed(talks: Sequence[Measured]) -> list[str]:
    """The aims that these talks do not reach."""
    out = []
    for figure in figures():
        value = figure.of(talks)
        if figure.good and value is not None and not figure.good(value):
            out.append(f"{figure.name}: {figure.form.format(value)}, aim {figure.aim}")
    return out


def lines(talks: Sequence[Measured]) -> list[str]:
    """Everything for a terminal: the figures of both halves, a line for each talk, what failed in it."""
    halves = _halves(talks)
    out = [f"{'':<48}" + "".join(f"{name:>10}" for name in halves) + f"{'aim':>10}"]
    for figure in figures():
        cells = "".join(f"{_cell(figure, half):>10}" for half in halves.values())
        out.append(f"{figure.name:<48}{cells}{figure.aim:>10}")
    out += [
        "",
        f"{'talk':<36}{'F1':>6}{'word':>6}{'found':>7}{'face %':>8}{'rev/s':>7}{'speaker':>9}{'shift':>7}{'x':>6}",
    ]
    for each in talks:
        out.append(_line(each))
        if each.truth.half == "tuned":
            out += [f"    {failure}" for failure in each.failures]
    return out


def page(talks: Sequence[Measured], commit: str) -> str:
    """docs/quality.md. `commit`: what was measured."""
    halves = _halves(talks)
    rows = [f"| | {' | '.join(halves)} | aim |", f"| --- |{' --- |' * (len(halves) + 1)}"]
    rows += [
        f"| {figure.name} | {' | '.join(_cell(figure, half) for half in halves.values())} | {figure.aim} |"
        for figure in figures()
    ]
    kinds = ["| talk | F1 of cuts | in a word | found | face % | reversals/s | speaker % |", "| --- " * 7 + "|"]
    kinds += ["| " + " | ".join(_cells(each)) + " |" for each in talks]
    not_reached = missed(talks)
    prose = Path(__file__).with_name("page.md").read_text(encoding="utf-8")
    return prose.format(
        date=datetime.now(UTC).date().isoformat(),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        load=f"{os.getloadavg()[0]:.1f}",
        commit=commit,
        count=len(talks),
        figures="\n".join(rows),
        talks="\n".join(kinds),
        missed="\n".join(f"- {text}" for text in not_reached) or "All aims are reached.",
    )


def _halves(talks: Sequence[Measured]) -> dict[str, list[Measured]]:
    halves = {
        "0 to 19": [each for each in talks if each.truth.half == "tuned"],
        "20 to 39": [each for each in talks if each.truth.half == "held"],
    }
    there = {name: half for name, half in halves.items() if half}
    return {**there, "all": list(talks)} if len(there) > 1 else there


def _cell(figure: Figure, talks: Sequence[Measured]) -> str:
    value = figure.of(talks)
    return "-" if value is None else figure.form.format(value)


def _cells(each: Measured) -> list[str]:
    one = [each]
    found = f"{each.found} of {each.planted}"
    f1, kept, right = _f1(one), _percent(one, "kept", "faces"), _percent(one, "turns_right", "turns")
    cells = [each.truth.name, _told(f1, "{:.2f}"), str(each.in_word), found, _told(kept, "{:.1f}")]
    return [*cells, _told(_reversals(one), "{:.2f}"), _told(right, "{:.0f}")]


def _line(each: Measured) -> str:
    name, f1, word, found, kept, turned, right = _cells(each)
    shift = _told(each.shift_error, "{:.2f}")
    speed = each.truth.duration / each.seconds
    return f"{name:<36}{f1:>6}{word:>6}{found:>7}{kept:>8}{turned:>7}{right:>9}{shift:>7}{speed:>6.0f}"


def _told(value: Value, form: str) -> str:
    return "-" if value is None else form.format(value)


def _sum(talks: Sequence[Measured], name: str) -> int:
    return sum(getattr(each, name) for each in talks)


def _share(right: float, wrong: float) -> Value:
    return right / (right + wrong) if right + wrong else None


def _percent(talks: Sequence[Measured], part: str, whole: str) -> Value:
    total = _sum(talks, whole)
    return 100 * _sum(talks, part) / total if total else None


def _f1(talks: Sequence[Measured]) -> Value:
    found = _sum(talks, "cuts_found")
    return _share(found, (_sum(talks, "cuts_missed") + _sum(talks, "cuts_wrong")) / 2)


def _in_word(talks: Sequence[Measured], *, unheard: bool) -> Value:
    return float(_sum([each for each in talks if each.unheard == unheard], "in_word"))


def _reversals(talks: Sequence[Measured]) -> Value:
    return _sum(talks, "reversals") / sum(each.path_s for each in talks)


def _shift(talks: Sequence[Measured]) -> Value:
    return max((each.shift_error for each in talks if each.shift_error is not None), default=None)


def _words(talks: Sequence[Measured], share: float) -> Value:
    errors = [error for each in talks for error in each.word_errors]
    if len(errors) < 2:
        return None
    return median(errors) if share == 0.5 else quantiles(errors, n=100)[round(100 * share) - 1]


def _length(talks: Sequence[Measured]) -> float:
    return sum(each.truth.duration for each in talks)


def _spent(talks: Sequence[Measured], name: str) -> float:
    return float(sum(getattr(each, name) for each in talks))


def _none(value: float) -> bool:
    return value == 0


def _90(value: float) -> bool:
    return value >= 90


def _98(value: float) -> bool:
    return value >= 98
