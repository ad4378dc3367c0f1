"""`clipwire publish`: a finished short on an account, or what that would do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table

from cli.addresses import running_addresses
from cli.output import CliError, console, print_json, run, say
from contracts import asks
from contracts.events import PublishRequested
from contracts.subjects import PUBLISH_REQUESTED
from runtime.bus import new_command, open_bus
from runtime.kv import NatsChannels
from runtime.settings import RuntimeSettings

__all__ = ["publish"]


def publish(
    render_id: Annotated[str, typer.Argument(metavar="ID", help="The render, as `render.done` names it.")],
    account: Annotated[
        list[str] | None, typer.Option(help="An account; may be given more than once. None: those of the channel.")
    ] = None,
    channel: Annotated[str, typer.Option(help="The channel whose rules and words hold.")] = "default",
    at: Annotated[str | None, typer.Option(help="When it is to be seen, as 2026-12-24T18:00+01:00.")] = None,
    title: Annotated[str | None, typer.Option(help="Another title.")] = None,
    description: Annotated[str | None, typer.Option(help="Another description.")] = None,
    vouch: Annotated[bool, typer.Option(help="You have the right to publish it, whatever its source says.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing: show every rule and request.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Publish a finished short, or show what that would do."""
    run(_publish(render_id, account, channel, at, title, description, vouch=vouch, dry_run=dry_run, as_json=as_json))


async def _publish(
    render_id: str,
    accounts: list[str] | None,
    channel_id: str,
    at: str | None,
    title: str | None,
    description: str | None,
    *,
    vouch: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    addresses = running_addresses(RuntimeSettings())
    async with open_bus(addresses.nats_url, name="clipwire publish", budget=5.0) as bus:
        channel = await NatsChannels(bus.js, budget=5.0).get(channel_id)
        requests = [
            _request(render_id, each, channel_id, at=_time(at), title=title, description=description, vouch=vouch)
            for each in accounts or channel.targets
        ]
        if dry_run:
            plans = [await bus.ask(asks.PLAN, request) for request in requests]
            if as_json:
                print_json([plan.model_dump(mode="json") for plan in plans])
            else:
                for plan in plans:
                    _show(plan)
            return
        for request in requests:
            await bus.publish(new_command(PUBLISH_REQUESTED, request, source="cli"))
    if as_json:
        print_json([{"publication_id": each.publication_id, "account_id": each.account_id} for each in requests])
        return
    for each in requests:
        say(f"ordered: {each.publication_id} on {each.account_id}")
    say("what becomes of it: `clipwire events tail publish.done`, and `work.failed` with the reason")


def _request(
    render_id: str,
    account_id: str,
    channel_id: str,
    *,
    at: datetime | None,
    title: str | None,
    description: str | None,
    vouch: bool,
) -> PublishRequested:
    try:
        return PublishRequested(
            render_id=render_id,
            account_id=account_id,
            channel_id=channel_id,
            publish_at=at,
            title=title,
            description=description,
            vouch=vouch,
            requested_by="cli",
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        named = {"render_id": "ID", "account_id": "--account", "title": "--title", "description": "--description"}
        raise CliError(
            f"{named.get(str(first['loc'][0]), str(first['loc'][0]))}: {first['msg']}",
            advice="See `clipwire publish --help`",
            code=2,
        ) from None


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CliError(f"--at: {text!r} is no time", advice="Write it as 2026-12-24T18:00+01:00", code=2) from None
    return moment if moment.tzinfo else moment.astimezone(UTC)  # without an offset it is this machine's time


def _show(plan: asks.Plan) -> None:
    """One publication: what goes out, each rule, each request."""
    out = console
    out.print(f"[bold]{plan.publication_id} on {plan.account_id}[/] ({plan.state})")
    if plan.barred:
        out.print(f"[red]may not be published[/]: {plan.barred}", markup=True)
    if plan.anew:
        out.print(f"does not suit as it is: {plan.anew} would be ordered from the renderer for this account")
    out.print(f"file: {plan.file}", markup=False)
    out.print(f"title: {plan.title}", markup=False)
    out.print(f"description: {plan.description}", markup=False)
    table = Table("rule", "is", "allowed", "", box=None, pad_edge=False)
    for rule in plan.rules:
        table.add_row(rule.name, rule.found, rule.allowed, "kept" if rule.kept else f"broken: {rule.fix}")
    out.print(table)
    out.print(f"rules: {plan.source}", markup=False)
    for number, call in enumerate(plan.calls, 1):
        out.print(f"{number}. {call.method} {call.url}", markup=False, highlight=False)
        for name, value in call.headers.items():
            out.print(f"   {name}: {value}", markup=False, highlight=False)
        for line in call.body.splitlines():
            out.print(f"   {line}", markup=False, highlight=False)
    if not plan.calls:
        out.print("no request is sent: the files are copied on this machine")
