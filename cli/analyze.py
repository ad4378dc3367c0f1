"""`clipwire analyze`: which moments a film has, why, and how they would be shown; without the bus."""

from __future__ import annotations

import errno
import secrets
import time
from collections.abc import Container, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from pydantic import ValidationError

from cli.analysis import Analysed, analysed
from cli.analyzed import answer, print_analysed
from cli.display import display_for
from cli.output import CliError, print_json, run, say
from cli.sources import as_url, shown, slug
from contracts.events import CandidateApproved
from runtime.files import own_folder, sweep_folders
from runtime.refusal import setting_fault
from runtime.settings import RuntimeSettings

__all__ = ["analyze"]

_PARTS = "analyze-"
_PNG = b"\x89PNG\r\n\x1a\n"
_ROOM = 1 << 20
"""Bytes that a sheet may take."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def analyze(
    film: Annotated[Path, typer.Argument(help="A video file.")],
    clips: Annotated[int, typer.Option(min=1, max=50, help="How many moments are wanted.")] = 4,
    captions: Annotated[
        Path | None, typer.Option(help="A caption file (.srt, .vtt, .json3); unset: those beside the film.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="The contact sheet (.png); unset: <film>.moments.png in the working folder.")
    ] = None,
    plans: Annotated[
        Path | None, typer.Option("--plans", help="A folder for one plan a moment, for `clipwire render`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The analysis as JSON.")] = False,
) -> None:
    """Find the moments of a film that can stand alone: a table with reasons, and a contact sheet to judge them by."""
    path = film.expanduser().absolute()
    order = _order(path, captions, clips)
    target = (sheet.expanduser() if sheet else Path(f"{slug(path.stem)}.moments.png")).absolute()
    folder = plans.expanduser().absolute() if plans else None
    began = time.monotonic()
    with ExitStack() as stack:
        _check(target, folder, stack)
        found = run(_work(order, path, target, folder, quiet=as_json))
    if as_json:
        print_json({**answer(found), "sheet": str(target)})
    else:
        print_analysed(found, target, time.monotonic() - began)
    if not found.analysis.moments:
        raise CliError(f"{shown(film)} has no moment that can stand alone", advice="Give a film of a second or more")


def _order(film: Path, captions: Path | None, clips: int) -> CandidateApproved:
    url = as_url(str(film))
    try:
        return CandidateApproved(
            url=url,
            captions_url=as_url(str(captions), "caption file") if captions else None,
            clips=clips,
            approved_by="cli",
        )
    except ValidationError as error:
        raise CliError(setting_fault(error), advice="Rename the file, or move it to a shorter path", code=2) from None


def _check(target: Path, plans: Path | None, stack: ExitStack) -> None:
    """Raises `CliError`, code 2, before a long work whose result could not be kept.

    Makes the folders; those in which nothing was written are removed with `stack`.
    """
    if target.suffix.lower() != ".png":
        raise CliError(f"--sheet: {shown(target)} does not end in .png", advice="The sheet is a PNG", code=2)
    with _writing("--sheet", target, code=2):
        _make(target.parent, stack)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if target.exists() and not _replaceable(target):
            raise CliError(f"--sheet: {shown(target)} is there and is no PNG", advice="Name another file", code=2)
        _try(target)
    if plans is not None:
        with _writing("--plans", plans, code=2):
            _make(plans, stack)
            _try(plans / "clipwire-plans")


def _replaceable(target: Path) -> bool:
    """Whether it is a picture, as an earlier sheet is, or empty."""
    if not target.is_file():
        return False
    with target.open("rb") as file:
        return file.read(len(_PNG)) in {_PNG, b""}


def _make(folder: Path, stack: ExitStack) -> None:
    for each in (*reversed(folder.parents), folder):  # the last is removed first
        if not each.exists():
            stack.callback(_remove_empty, each)
    folder.mkdir(parents=True, exist_ok=True)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # it is not empty, or was not made
        folder.rmdir()


def _try(place: Path) -> None:
    """Write a file beside it and remove it. Raises `OSError` where that can't be done, or where the disk is full."""
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(bytes(_ROOM))
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _writing(option: str, place: Path, *, code: int = 1, only: Container[int | None] | None = None) -> Iterator[None]:
    """An `OSError` as one line that names the option. `only`: one of these numbers; others may be of another place."""
    try:
        yield
    except OSError as error:
        if only is not None and error.errno not in only:
            raise
        raise CliError(
            f"{option}: {shown(place)} can't be written to ({error.strerror or error})",
            advice="Name another place, or make room there and make it yours to write to",
            code=code,
        ) from error


async def _work(order: CandidateApproved, film: Path, target: Path, plans: Path | None, *, quiet: bool) -> Analysed:
    import asyncio

    from cli.contact_sheet import draw_sheet, save_sheet
    from cli.moments import write_plans

    home = RuntimeSettings().home
    with ExitStack() as stack:
        with _writing("CLIPWIRE_HOME", home):
            scratch = home / "scratch"
            scratch.mkdir(parents=True, exist_ok=True)
            sweep_folders(scratch, _PARTS)
            folder = stack.enter_context(own_folder(scratch, _PARTS, mode=0o700))
        display = stack.enter_context(display_for(json=quiet))

        def show(stage: str, done: float | None, note: str) -> None:
            display.report(stage, film.name, done, note)

        stopped = Event()
        stack.callback(stopped.set)

        def drawn(done: float) -> None:
            if stopped.is_set():  # a thread is not interrupted with the work that waits for it
                raise asyncio.CancelledError
            show("draw", done, "the contact sheet")

        with _writing("CLIPWIRE_HOME", home, only=_FULL):
            found = await analysed(order, film, folder, show)
        sheet = await asyncio.to_thread(draw_sheet, found, drawn)
        with _writing("--sheet", target):
            save_sheet(sheet, target)
        if plans is not None:
            with _writing("--plans", plans):
                for path in write_plans(found, plans):
                    say(f"plan: {shown(path)}")
    return found
