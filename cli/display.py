"""Live progress: bars on a terminal, plain lines elsewhere, nothing for programs."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn

from cli.output import plain, say
from contracts.envelope import Progress as Report

__all__ = ["Bars", "Display", "Lines", "Silence", "display_for", "show"]

_VERBS = {
    "downloader": "download",
    "transcriber": "listen",
    "vlm": "look",
    "renderer": "render",
    "publisher": "publish",
    "archiver": "archive",
}


class Display(Protocol):
    """Where progress is shown."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def line(self, words: str) -> None:
        """Something has happened."""
        ...

    def report(self, stage: str, entity: str, done: float | None, note: str) -> None:
        """A stage is so far; `done` 1.0 ends it."""
        ...


class Silence:
    """For programs: they read the answer."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def line(self, words: str) -> None:
        """See `Display.line`."""

    def report(self, stage: str, entity: str, done: float | None, note: str) -> None:
        """See `Display.report`."""


class Lines(Silence):
    """For logs and pipes: what has happened, and every quarter of a long stage."""

    def __init__(self) -> None:
        self._quarter: dict[tuple[str, str], int] = {}

    def line(self, words: str) -> None:
        """See `Display.line`."""
        say(words)

    def report(self, stage: str, entity: str, done: float | None, note: str) -> None:
        """See `Display.report`."""
        quarter = int((done or 0.0) * 4)
        if 0 < quarter < 4 and quarter > self._quarter.get((stage, entity), 0):
            say(f"  {_VERBS.get(stage, stage)} {entity}: {quarter * 25} %")
        self._quarter[stage, entity] = max(quarter, self._quarter.get((stage, entity), 0))


class Bars:
    """For a terminal: one bar per stage and thing."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description:<22}", markup=False),
            BarColumn(bar_width=32),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[note]}", style="dim", markup=False),
            console=Console(stderr=True, highlight=False),
        )
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._numbers: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def line(self, words: str) -> None:
        """See `Display.line`."""
        self._progress.console.print(plain(words), markup=False)

    def report(self, stage: str, entity: str, done: float | None, note: str) -> None:
        """See `Display.report`."""
        key = (stage, entity)
        if key not in self._tasks:
            self._numbers[stage] = self._numbers.get(stage, 0) + 1
            number = f" {self._numbers[stage]}" if stage == "renderer" else ""
            self._tasks[key] = self._progress.add_task(f"{_VERBS.get(stage, stage)}{number}", total=1.0, note="")
        self._progress.update(self._tasks[key], completed=done, note=plain(note)[:40])


def display_for(*, json: bool) -> Display:
    """Bars if a person watches at a terminal, lines if not, nothing if the answer is JSON."""
    if json:
        return Silence()
    return Bars() if Console(stderr=True).is_terminal else Lines()


def show(display: Display, report: Report) -> None:
    """Pass on what came over the bus."""
    display.report(report.stage, report.entity, report.done, report.note)
