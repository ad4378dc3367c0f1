"""`clipwire events`: watch the stream, rebuild read models from it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.addresses import running_addresses
from cli.output import CliError, console, print_json, run, say
from contracts.subjects import BY_NAME
from runtime.bus import Bus, StoredEvent, open_bus
from runtime.errors import Reject
from runtime.settings import RuntimeSettings

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="The stream: watch it, rebuild read models from it.")


@app.command()
def tail(
    subject: Annotated[str | None, typer.Argument(help="A subject, or `candidate.>`; none: all.")] = None,
    after: Annotated[int | None, typer.Option(min=0, help="From behind this sequence; unset: from now on.")] = None,
    follow: Annotated[bool, typer.Option(help="Go on for ever, or end at what is stored now.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show events as they come; with --after the past, too."""
    if subject is not None and subject not in BY_NAME and not subject.endswith((".>", ".*")):
        raise CliError(f"there is no subject {subject!r}", advice=f"There are: {', '.join(BY_NAME)}", code=2)
    run(_tail(subject, after, follow=follow, as_json=as_json))


@app.command()
def replay(
    to: Annotated[str, typer.Option(help="What is rebuilt: `projection`.")],
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Rebuild the read models in PostgreSQL from the stream. Nothing is made or published again."""
    if to != "projection":
        raise CliError(f"{to!r} cannot be rebuilt", advice="There is: projection", code=2)
    from cli.replay import replay_projection

    events, seconds = run(replay_projection(RuntimeSettings()))
    if as_json:
        print_json({"events": events, "seconds": round(seconds, 3)})
    else:
        say(f"{events} events replayed in {seconds:.1f} s")


async def _tail(subject: str | None, after: int | None, *, follow: bool, as_json: bool) -> None:
    addresses = running_addresses(RuntimeSettings())
    async with open_bus(addresses.nats_url, name="clipwire-tail", within=5) as bus:
        start = after if after is not None else (await bus.stream_state()).last
        await _print_all(bus, [subject] if subject else [], start, follow=follow, as_json=as_json)


async def _print_all(bus: Bus, subjects: list[str], after: int, *, follow: bool, as_json: bool) -> None:
    async for batch in bus.read(after=after, subjects=subjects, follow=follow):
        for stored in batch:
            _print(stored, as_json=as_json)


def _print(stored: StoredEvent, *, as_json: bool) -> None:
    try:
        event = stored.event()
    except Reject as error:
        if as_json:
            print_json({"sequence": stored.sequence, "subject": stored.subject, "malformed": str(error)})
        else:
            console.print(f"{stored.sequence:>7}  {stored.subject:<20}  malformed: {error}", markup=False)
        return
    if as_json:
        print_json({"sequence": stored.sequence, "event": event.model_dump(mode="json", exclude_none=True)})
        return
    about = event.data.failure.what if event.type == "work.failed" else ""
    time = stored.time.astimezone().strftime("%H:%M:%S")
    console.print(
        f"{stored.sequence:>7}  {time}  {stored.subject:<20}  {event.subject or ''}  {about}".rstrip(), markup=False
    )
