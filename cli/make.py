"""`clipwire make`: a file or an address in, finished shorts out."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from cli.display import Display, display_for
from cli.job import Job
from cli.order import follow_order
from cli.output import CliError, print_json, run, say
from cli.results import Result, as_json, check_folder, copy_out, print_table
from cli.sources import as_url, slug
from contracts.events import CandidateApproved
from contracts.subjects import CANDIDATE_APPROVED
from contracts.work import Failure
from runtime.errors import ClipwireError, Reject
from runtime.kv import NatsChannels
from runtime.settings import RuntimeSettings
from runtime.stack import Stack, running_stack

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
    url = as_url(source)
    captions_url = as_url(captions, "caption file") if captions is not None else None
    try:
        order = CandidateApproved(url=url, captions_url=captions_url, clips=clips, recipe=recipe, approved_by="cli")
    except ValidationError as error:
        raise _misfit(error) from None
    check_folder(out or _own_folder())
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
            await _check_recipe(stack, order)
            job = await _followed(stack, order, display)
            folder = out or _own_folder() / slug(job.clip.title if job.clip else "")
            results = await copy_out(stack.media, job.ordered_renders, folder) if job.renders else []
    return job, results


def complain(job: Job, made: int, asked: int) -> None:
    """Say what is missing, each failure once, and end with exit code 1; return if nothing is."""
    for note in dict.fromkeys(job.notes):
        say(f"note: {note}")
    whole = [failure for failure in job.failures if failure.stage != "archiver"]
    ends: list[Failure | CliError] = [*{failure.what: failure for failure in whole}.values()]
    if job.lost is not None:
        ends.append(job.lost)
    for end in ends[:-1]:
        say(f"note: {end.what}. {end.advice}")
    if ends:
        raise CliError(f"{made} of {asked} shorts: {ends[-1].what}", advice=ends[-1].advice)
    if made < asked:
        raise CliError(
            f"{made} of {asked} shorts: the video has no more moments that can stand alone", advice="Ask for fewer"
        )
    for failure in job.failures:
        say(f"note: {failure.stage}: {failure.what}. {failure.advice}")


def _own_folder() -> Path:
    return Path.cwd() / "clipwire-out"


def _misfit(error: ValidationError) -> CliError:
    """What does not fit the contract of an order, named as what the person typed."""
    first = error.errors(include_url=False, include_context=False)[0]
    options = {"url": "the source", "captions_url": "--captions", "recipe": "--recipe"}
    option = options.get(str(first["loc"][0]) if first["loc"] else "", "the order")
    return CliError(f"{option}: {first['msg']}", advice="See `clipwire make --help`", code=2)


async def _check_recipe(stack: Stack, order: CandidateApproved) -> None:
    """Else the video would be downloaded, listened to and looked at before the producer can say it."""
    if order.recipe is None:
        return
    channel = await NatsChannels(stack.bus.js).get(order.channel_id)
    names = [recipe.name for recipe in channel.recipes]
    if order.recipe not in names:
        words = f"--recipe: the channel {channel.channel_id!r} has no recipe {order.recipe!r}"
        raise CliError(words, advice=f"It has: {', '.join(names) or 'none'}", code=2)


async def _followed(stack: Stack, order: CandidateApproved, display: Display) -> Job:
    """Follow the order. Interrupted, it says what goes on without us in a Clipwire that is not ours."""
    before = 0 if stack.own else (await stack.bus.stream_state()).last
    try:
        return await follow_order(stack, order, display)
    except asyncio.CancelledError:
        if not stack.own and await _was_sent(stack, order, before):
            say(
                f"the running Clipwire goes on with it: job {order.key}. "
                "The same command collects the shorts; `clipwire events tail` shows the work"
            )
        raise


async def _was_sent(stack: Stack, order: CandidateApproved, after: int) -> bool:
    with suppress(ClipwireError, TimeoutError):  # then it can't be known, and the person wants to leave
        async with asyncio.timeout(2):
            async for batch in stack.bus.read(after=after, subjects=[CANDIDATE_APPROVED.name], follow=False):
                for stored in batch:
                    with suppress(Reject):  # a stranger's malformed command
                        if stored.event().data == order:
                            return True
    return False


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
