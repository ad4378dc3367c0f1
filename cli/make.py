"""`clipwire make`: a file or an address in, finished shorts out."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from cli.display import display_for
from cli.job import Job
from cli.order import follow_order
from cli.output import CliError, print_json, run, say
from cli.results import Result, as_json, copy_out, print_table
from cli.sources import as_url, slug
from contracts.events import CandidateApproved
from runtime.settings import RuntimeSettings
from runtime.stack import running_stack

__all__ = ["complain", "make", "make_shorts"]


def make(
    source: Annotated[str, typer.Argument(help="A video file, or the address of one.")],
    clips: Annotated[int, typer.Option(min=1, max=50, help="How many shorts.")] = 4,
    out: Annotated[Path | None, typer.Option(help="Folder for them; unset: clipwire-out/<title>.")] = None,
    recipe: Annotated[str | None, typer.Option(help="A recipe of the channel.")] = None,
    captions: Annotated[str | None, typer.Option(help="A caption file (.srt, .vtt, .json3) or its address.")] = None,
    as_json_: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Turn one video into captioned vertical shorts, through every actor on the bus."""
    order = CandidateApproved(
        url=as_url(source),
        captions_url=as_url(captions, "caption file") if captions else None,
        clips=clips,
        recipe=recipe,
        approved_by="cli",
    )
    job, results = run(make_shorts(RuntimeSettings(), order, out, quiet=as_json_))
    if as_json_:
        print_json(_answer(job, results))
    elif results:
        print_table(results)
    complain(job, len(results), clips)


async def make_shorts(
    settings: RuntimeSettings, order: CandidateApproved, out: Path | None, *, quiet: bool
) -> tuple[Job, list[Result]]:
    """Send the order, follow it, copy what came of it. `out`: none for clipwire-out/<title> in the working folder."""
    with ExitStack() as screen:
        display = screen.enter_context(display_for(json=quiet))
        async with running_stack(settings, on_status=display.line, log_folder=settings.home / "logs") as stack:
            job = await follow_order(stack, order, display)
            folder = out or Path.cwd() / "clipwire-out" / slug(job.clip.title if job.clip else "")
            results = await copy_out(stack.media, job.ordered_renders, folder) if job.renders else []
    return job, results


def complain(job: Job, made: int, asked: int) -> None:
    """Say what is missing, in one line, and end with exit code 1; return if nothing is."""
    for note in dict.fromkeys(job.notes):
        say(f"note: {note}")
    if job.lost is not None:
        raise CliError(f"{made} of {asked} shorts: {job.lost.what}", advice=job.lost.advice)
    whole = [failure for failure in job.failures if failure.stage != "archiver"]
    if whole:
        first = whole[0]
        raise CliError(f"{made} of {asked} shorts: {first.what}", advice=first.advice)
    if made < asked:
        raise CliError(
            f"{made} of {asked} shorts: the video has no more moments that can stand alone", advice="Ask for fewer"
        )
    for failure in job.failures:
        say(f"note: {failure.stage}: {failure.what}. {failure.advice}")


def _answer(job: Job, results: list[Result]) -> dict[str, object]:
    return {
        "clip_id": job.clip.clip_id if job.clip else None,
        "shorts": as_json(results),
        "publications": [
            publication.model_dump(mode="json")
            for publication in job.publications.values()
            if publication.render_id in job.renders
        ],
        "notes": job.notes,
        "failures": [failure.model_dump(mode="json") for failure in job.failures],
    }
