"""`clipwire scan`: one discovery, its ranked candidates as a table."""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import uuid4

import typer
from pydantic import ValidationError
from rich.table import Table

from cli.display import display_for
from cli.follow import follow
from cli.output import CliError, console, print_json, run, say
from cli.steps import SCANNING, Steps
from contracts.envelope import Event
from contracts.events import CandidateRanked, DiscoveryDone, DiscoveryRequested, WorkFailed
from contracts.subjects import DISCOVERY_REQUESTED
from contracts.work import Failure
from runtime.bus import new_command
from runtime.settings import RuntimeSettings
from runtime.stack import running_stack

__all__ = ["Search", "days", "scan"]

_UNITS = {"h": 1 / 24, "d": 1.0, "w": 7.0}


def days(text: str) -> float:
    """`36h`, `7d` or `2w` in days. Raises `CliError`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([hdw])", text.strip())
    if match is None or float(match[1]) <= 0:
        raise CliError(f"{text!r} is no time span", advice="Write it like 36h, 7d or 2w", code=2)
    return float(match[1]) * _UNITS[match[2]]


def scan(
    niche: Annotated[str, typer.Argument(help="The topic, in words.")],
    source: Annotated[list[str] | None, typer.Option(help="A source; may be given more than once.")] = None,
    since: Annotated[str | None, typer.Option(help="Only videos published since then: 36h, 7d, 2w.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many per source.")] = 25,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Look for videos about a niche and rank them. What becomes of them is up to the rules of the channel."""
    since_days = days(since) if since is not None else None
    try:
        order = DiscoveryRequested(
            niche=niche.strip(),
            sources=tuple(source or ()),
            since_days=since_days,
            limit=limit,
            scan_id=f"cli-{uuid4().hex[:16]}",
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        option = {"niche": "the niche", "since_days": "--since", "sources": "--source"}.get(str(first["loc"][0]), "it")
        raise CliError(f"{option}: {first['msg']}", advice="See `clipwire scan --help`", code=2) from None
    search = run(_scan(order, as_json=as_json))
    ranked, done = list(search.ranked.values()), search.answer
    ranked.sort(key=lambda entry: -entry.score)
    if as_json:
        candidates = [entry.model_dump(mode="json") for entry in ranked]
        print_json({"candidates": candidates, "sources": [report.model_dump(mode="json") for report in done.sources]})
    elif ranked:
        _print(ranked)
    else:
        say("nothing found")
    for report in done.sources:
        if report.status != "ok":
            say(f"{report.source}: {report.status.replace('_', ' ')}" + (f": {report.reason}" if report.reason else ""))
    if done.sources and all(report.status != "ok" for report in done.sources):
        raise CliError("no source answered", advice="The lines above say why")


class Search:
    """What is known of a scan so far, fed with events."""

    def __init__(self, order_id: str) -> None:
        self.steps = Steps(order_id, SCANNING)
        self.ranked: dict[str, CandidateRanked] = {}
        self.done: DiscoveryDone | None = None
        self.failure: Failure | None = None

    def take(self, event: Event[Any]) -> str | None:
        """Learn from an event; there is nothing to say before the end."""
        if self.steps.take(event):
            if isinstance(event.data, CandidateRanked):
                self.ranked[event.data.candidate.candidate_id] = event.data
            elif isinstance(event.data, DiscoveryDone):
                self.done = event.data
            elif isinstance(event.data, WorkFailed) and event.data.failure.stage == "discovery":
                self.failure = event.data.failure
        return None

    @property
    def answer(self) -> DiscoveryDone:
        """What discovery reported. Raises `CliError` where it could not look."""
        if self.done is not None:
            return self.done
        if self.failure is not None:
            raise CliError(self.failure.what, advice=self.failure.advice)
        raise CliError("discovery ended without a report", advice="Its log says why: `logs` in CLIPWIRE_HOME")


async def _scan(order: DiscoveryRequested, *, as_json: bool) -> Search:
    settings = RuntimeSettings()
    with display_for(json=as_json) as display:
        async with running_stack(settings, on_status=display.line, log_folder=settings.home / "logs") as stack:
            command = new_command(DISCOVERY_REQUESTED, order, source="cli")
            search = Search(command.id)
            display.line(f"looking for {order.niche!r}")
            await follow(stack, command, search, lambda _event, _words: None)
    return search


def _print(ranked: list[CandidateRanked]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("score", "candidate", "title", "length", "views", "rights"):
        table.add_column(name, overflow="fold")
    for entry in ranked:
        candidate = entry.candidate
        table.add_row(
            f"{entry.score:.2f}",
            candidate.candidate_id,
            candidate.title,
            f"{candidate.duration:.0f} s" if candidate.duration is not None else "",
            str(candidate.views) if candidate.views is not None else "",
            candidate.rights.licence or candidate.rights.status,
        )
    console.print(table)
