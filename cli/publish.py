"""`clipwire publish`: a finished short on an account, what that would do, what waits, and what a person found there."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.table import Table

from cli.addresses import running_addresses
from cli.output import CliError, console, print_json, run, say
from contracts import asks
from contracts.events import PublishRequested
from contracts.subjects import PUBLISH_REQUESTED
from contracts.work import Publication
from runtime.bus import Bus, new_command, open_bus
from runtime.errors import Reject, Unavailable
from runtime.kv import NatsChannels
from runtime.settings import RuntimeSettings

__all__ = ["publish"]

_WRITTEN = "Write day and time as 2026-12-24T18:00+01:00; without an offset it is this machine's time"
_DAY = len("2026-12-24")
"""What is no longer than this, as 20261224 or 2026-W52-4, has no time."""


def publish(
    render_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The render, as `render.done` names it.", show_default=False)
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="An account; may be given more than once. None: those of the channel.")
    ] = None,
    channel: Annotated[str, typer.Option(help="The channel whose rules and words hold.")] = "default",
    at: Annotated[
        str | None,
        typer.Option(
            help="Day and time at which it is to be seen, as 2026-12-24T18:00+01:00; without an offset this machine's "
            "time. None: the channel's next slot, or at once."
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Another title.")] = None,
    description: Annotated[str | None, typer.Option(help="Another description.")] = None,
    vouch: Annotated[bool, typer.Option(help="You have the right to publish it, whatever its source says.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing: show every rule and request.")] = False,
    there: Annotated[
        str | None, typer.Option(metavar="URL", help="After `publish.unconfirmed`: you looked, and it is there.")
    ] = None,
    not_there: Annotated[
        bool, typer.Option("--not-there", help="After `publish.unconfirmed`: you looked, and it is not; send it again.")
    ] = False,
    planned: Annotated[bool, typer.Option("--planned", help="List what waits for its time; needs no ID.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Publish a finished short, show what that would do, or say what you found on the account."""
    if planned:
        if render_id is not None or there is not None or not_there or dry_run:
            raise CliError("--planned lists what waits, and goes with --account, --channel and --json alone", code=2)
        run(_planned(account, channel, as_json=as_json))
        return
    if render_id is None:
        raise CliError("Missing argument 'ID'", advice="See `clipwire publish --help`", code=2)
    outcome = _outcome(there, account, not_there=not_there, dry_run=dry_run)
    said: dict[str, Any] = {"title": title, "description": description, "publish_at": _time(at), "vouch": vouch}
    run(_publish(render_id, account, channel, {**said, **outcome}, dry_run=dry_run, as_json=as_json))


def _outcome(there: str | None, accounts: list[str] | None, *, not_there: bool, dry_run: bool) -> dict[str, Any]:
    """What a person found, as fields of the command."""
    if there is None and not not_there:
        return {}
    if there is not None and not_there:
        raise CliError("--there and --not-there: it is one or the other", code=2)
    if len(accounts or ()) != 1 or dry_run:
        raise CliError(
            "--there and --not-there say what you found on one account",
            advice="Name it with --account, as `publish.unconfirmed` does, and leave --dry-run out",
            code=2,
        )
    return {"outcome": "not_there"} if there is None else {"outcome": "there", "url": there}


async def _planned(accounts: list[str] | None, channel_id: str, *, as_json: bool) -> None:
    addresses = running_addresses(RuntimeSettings())
    async with open_bus(addresses.nats_url, name="clipwire publish", budget=5.0) as bus:
        if not accounts:
            targets = (await NatsChannels(bus.js, budget=5.0).get(channel_id)).targets
            accounts = [*targets, *await _connected(bus)]
        try:
            which = asks.WhichPlanned(account_ids=tuple(dict.fromkeys(accounts)))
        except ValidationError as error:
            raise _unfit(error) from None
        told = await bus.ask(asks.PLANNED, which)
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    table = Table("publication", "account", "at", "wanted", box=None, pad_edge=False)
    for each in told.waiting:
        wanted = each.wanted.astimezone() if each.wanted else None
        table.add_row(
            each.publication_id,
            each.account_id,
            f"{each.at.astimezone():%Y-%m-%d %H:%M %Z}",
            f"{wanted:%Y-%m-%d %H:%M %Z}" if wanted else "",
        )
    if told.waiting:
        console.print(table)
    say(f"and {told.left_off} more" if told.left_off else f"{len(told.waiting)} wait")


async def _connected(bus: Bus) -> list[str]:
    try:
        return [account.account_id for account in (await bus.ask(asks.ACCOUNTS, asks.Nothing())).accounts]
    except Reject:
        return []  # without a database nothing can be connected


async def _publish(
    render_id: str,
    accounts: list[str] | None,
    channel_id: str,
    said: dict[str, Any],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    addresses = running_addresses(RuntimeSettings())
    async with open_bus(addresses.nats_url, name="clipwire publish", budget=5.0) as bus:
        channel = await NatsChannels(bus.js, budget=5.0).get(channel_id)
        requests = [_request(render_id, each, channel_id, said) for each in accounts or channel.targets]
        if not requests:
            raise CliError(f"the channel {channel_id!r} has no accounts", advice="Name one with --account", code=2)
        if dry_run:
            plans = [await bus.ask(asks.PLAN, request) for request in requests]
            if as_json:
                print_json([plan.model_dump(mode="json") for plan in plans])
            else:
                for plan in plans:
                    _show(plan)
            return
        out = await _out(bus, requests)
        for request in requests:
            await bus.publish(new_command(PUBLISH_REQUESTED, request, source="cli"))
    if as_json:
        print_json([_told(each, out.get(each.publication_id)) for each in requests])
        return
    for each in requests:
        if there := out.get(each.publication_id):
            say(f"{_since(there)}: {each.publication_id} on {each.account_id}, at {there.url}")
        else:
            say(f"ordered: {each.publication_id} on {each.account_id}")
    if len(out) < len(requests):
        say("what becomes of it: `clipwire events tail publish.done`, and `work.failed` with the reason")


async def _out(bus: Bus, requests: list[PublishRequested]) -> dict[str, Publication]:
    """Those that are out already, by their ids; none as far as no publisher runs that could tell."""
    which = asks.WhichPublications(publication_ids=tuple(each.publication_id for each in requests))
    try:
        told = await bus.ask(asks.PUBLISHED, which, within=5)
    except Unavailable:
        return {}
    return {each.publication_id: each for each in told.publications}


def _since(out: Publication) -> str:
    when = f"{out.published_at.astimezone():%Y-%m-%d %H:%M %Z}"
    if out.published_at > datetime.now(UTC):
        return f"{out.platform} has it already and shows it at {when}; another time is set there"
    return f"out already, since {when}"


def _told(request: PublishRequested, out: Publication | None) -> dict[str, Any]:
    told = {"publication_id": request.publication_id, "account_id": request.account_id}
    return told if out is None else {**told, "published_at": out.published_at.isoformat(), "url": out.url}


def _request(render_id: str, account_id: str, channel_id: str, said: dict[str, Any]) -> PublishRequested:
    fields = {
        "render_id": render_id,
        "account_id": account_id,
        "channel_id": channel_id,
        "requested_by": f"cli:{getpass.getuser()}",
    }
    try:
        return PublishRequested.model_validate({**fields, **said})
    except ValidationError as error:
        raise _unfit(error) from None


def _unfit(error: ValidationError) -> CliError:
    first = error.errors(include_url=False, include_context=False)[0]
    named = {
        "render_id": "ID",
        "account_id": "--account",
        "account_ids": "--account",
        "channel_id": "--channel",
        "title": "--title",
        "description": "--description",
        "url": "--there",
    }
    field = str(first["loc"][0])
    return CliError(
        f"{named.get(field, field)}: {first['msg'].removeprefix('Value error, ')}",
        advice="See `clipwire publish --help`",
        code=2,
    )


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= _DAY:  # Python reads midnight into it, which nobody has said
            raise CliError(f"--at: {text!r} is a day without a time", advice=_WRITTEN, code=2)
        moment = moment if moment.tzinfo else moment.astimezone(UTC)  # without an offset it is this machine's time
    except (ValueError, OverflowError):
        raise CliError(f"--at: {text!r} is no time", advice=_WRITTEN, code=2) from None
    return moment


def _show(plan: asks.Plan) -> None:
    """One publication: what goes out, each rule, each request."""
    out = console
    out.print(f"[bold]{plan.publication_id} on {plan.account_id}[/] ({plan.state})")
    if plan.barred:
        out.print(f"[red]may not be published[/]: {plan.barred}", markup=True)
    if plan.anew:
        out.print(f"does not suit as it is: {plan.anew} would be ordered from the renderer for this account")
    out.print(f"when: {plan.when}", markup=False)
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
