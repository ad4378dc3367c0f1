"""`clipwire analyze`: which moments a film has, why, and how they would be shown; without the bus."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
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
    _check(target, path, plans)
    began = time.monotonic()
    found = run(_work(order, path, target, plans, quiet=as_json))
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


def _check(target: Path, film: Path, plans: Path | None) -> None:
    """Raises `CliError`, code 2, before a long work whose result could not be kept."""
    if target.suffix.lower() != ".png":
        raise CliError(f"--sheet: {shown(target)} does not end in .png", advice="The sheet is a PNG", code=2)
    if target.is_dir() or target == film:
        raise CliError(f"--sheet: {shown(target)} is no file to write to", advice="Name another one", code=2)
    for folder, option in ((target.parent, "--sheet"), (plans, "--plans")):
        try:
            if folder is not None:
                folder.expanduser().mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CliError(
                f"{option}: {shown(folder or target)} can't be written to ({error.strerror or error})",
                advice="Name another folder",
                code=2,
            ) from error


async def _work(order: CandidateApproved, film: Path, target: Path, plans: Path | None, *, quiet: bool) -> Analysed:
    import asyncio

    from cli.contact_sheet import write_sheet
    from cli.moments import write_plans

    scratch = RuntimeSettings().home / "scratch"
    with ExitStack() as stack:
        scratch.mkdir(parents=True, exist_ok=True)
        sweep_folders(scratch, _PARTS)
        folder = stack.enter_context(own_folder(scratch, _PARTS, mode=0o700))
        display = stack.enter_context(display_for(json=quiet))

        def show(stage: str, done: float | None, note: str) -> None:
            display.report(stage, film.name, done, note)

        found = await analysed(order, film, folder, show)
        await asyncio.to_thread(write_sheet, found, target, lambda done: show("draw", done, "the contact sheet"))
        if plans is not None:
            for path in await asyncio.to_thread(write_plans, found, plans.expanduser()):
                say(f"plan: {shown(path)}")
    return found
