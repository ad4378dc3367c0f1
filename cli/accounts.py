"""`clipwire account`: publishing accounts, as the publisher keeps them."""

from __future__ import annotations

import asyncio
import getpass
import sys
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from cli.addresses import running_addresses
from cli.loopback import loopback
from cli.output import CliError, console, plain, print_json, run, say
from contracts import asks
from contracts.asks.question import A, Ask, Q
from contracts.publishing import Account
from gateway.http.settings import GatewaySettings
from runtime.bus import Bus, open_bus
from runtime.errors import ClipwireError
from runtime.settings import RuntimeSettings

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Publishing accounts: connect them, list them, remove them.")
Json = Annotated[bool, typer.Option("--json", help="The answer as JSON.")]
_PATIENCE_S = 90.0
_LOOK_S = 0.5


@app.command()
def connect(
    platform: Annotated[str, typer.Argument(help="Where: `clipwire doctor` shows the platforms.")],
    name: Annotated[
        list[str] | None, typer.Option(help="Something that the platform asks for, as `handle=alice`; no secrets.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Wait on this port of 127.0.0.1 for the browser, not at the HTTP door; 0: any."
        ),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the platform's page in a browser here.")] = False,
    as_json: Json = False,
) -> None:
    """Connect accounts of a platform. Secrets are asked for, or read from standard input, one a line.

    With --json the first line may say where a person has to go (`url`); the last one says what came of it.
    """
    given = dict(_pair(text) for text in name or ())
    done = run(_connect(platform, given, port, open_browser=open_browser, as_json=as_json))
    if done.state != "done":
        why = done.refusal or asks.Refusal(kind="rejected", what="the login came to nothing")
        raise CliError(why.what, advice=why.advice)
    if as_json:
        print_json(done.model_dump(mode="json", exclude_none=True))
    else:
        for account in done.accounts:
            say(f"connected: {account.title} as {account.account_id}")


@app.command("list")
def list_accounts(as_json: Json = False) -> None:
    """Show the accounts that are connected."""
    accounts = run(_ask(asks.ACCOUNTS, asks.Nothing())).accounts
    if as_json:
        print_json({"accounts": [account.model_dump(mode="json") for account in accounts]})
    elif accounts:
        _print(accounts)
    else:
        say("no account is connected; `clipwire account connect PLATFORM` connects one")


@app.command()
def remove(
    account_id: Annotated[str, typer.Argument(help="As in `clipwire account list`.")], as_json: Json = False
) -> None:
    """Forget an account and its tokens; the platform is told, where that can be."""
    try:
        which = asks.Remove(account_id=account_id)
    except ValidationError:
        raise CliError(f"{account_id!r} is no account", advice="`clipwire account list` shows them", code=2) from None
    removed = run(_ask(asks.REMOVE, which))
    if as_json:
        print_json(removed.model_dump(mode="json"))
    else:
        say(f"{removed.account_id}: {removed.note}")


@app.command("rotate-key")
def rotate_key(as_json: Json = False) -> None:
    """Encrypt every account anew: with a new key, or with the one that is in CLIPWIRE_SECRET_KEY now."""
    rotated = run(_ask(asks.ROTATE_KEY, asks.Nothing()))
    if as_json:
        print_json(rotated.model_dump(mode="json"))
    else:
        say(f"{rotated.accounts} accounts encrypted anew: {rotated.note}")


async def _connect(
    name: str, given: dict[str, str], port: int | None, *, open_browser: bool, as_json: bool
) -> asks.Connection:
    async with _bus() as bus, AsyncExitStack() as stack:
        known = (await bus.ask(asks.PLATFORMS, asks.Nothing())).platforms
        platform = next((each for each in known if each.name == name), None)
        if platform is not None and platform.missing:
            raise CliError(f"{name} is not set up", advice=f"Set {platform.missing} for the publisher")
        typed = await asyncio.to_thread(_typed, platform.asks if platform else (), given)

        async def back(query: dict[str, str]) -> str:
            try:
                fields = {"platform": name, "query": query}
                told = await bus.ask(asks.CALLBACK, asks.Callback.model_validate(fields), within=_PATIENCE_S)
            except (ClipwireError, ValidationError):
                return "Not connected. The terminal says more."
            return "Connected. You can close this page." if told.state == "done" else "Not connected."

        door = None if port is not None else _door(name)
        redirect_uri = door or await stack.enter_async_context(loopback(port or 0, back))
        asked = {"platform": name, "given": typed, "redirect_uri": redirect_uri}
        begun = await bus.ask(asks.CONNECT, asks.Connect.model_validate(asked), within=_PATIENCE_S)
        if begun.state == "open":
            _send_away(begun, open_browser=open_browser, as_json=as_json)
        return await _settled(bus, begun)


def _send_away(begun: asks.Connection, *, open_browser: bool, as_json: bool) -> None:
    url = begun.url or ""
    if as_json:
        print_json(begun.model_dump(mode="json", exclude_none=True))
    else:
        say("agree to it here, within ten minutes:")
        console.print(url, markup=False)
    if open_browser:
        webbrowser.open(url)


async def _settled(bus: Bus, begun: asks.Connection) -> asks.Connection:
    """Wait until the person has come back, or the time is over."""
    state, which = begun, asks.WhichConnection(connection=begun.connection)
    while state.state == "open":
        await asyncio.sleep(_LOOK_S)
        state = await bus.ask(asks.CONNECTION, which)
    return state


def _door(platform: str) -> str | None:
    """Where the HTTP door takes people back, if one runs."""
    base = GatewaySettings().http_public_url or running_addresses(RuntimeSettings()).http_url
    return f"{base.rstrip('/')}/api/v1/accounts/{platform}/callback" if base else None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CliError(f"--name {text}: there is no `=` in it", advice="Write it as `--name handle=alice`", code=2)
    return name.strip(), value.strip()


def _typed(fields: Sequence[asks.AskedField], given: dict[str, str]) -> dict[str, str]:
    """What was given, and what a person types in now."""
    secret = next((field.name for field in fields if field.secret and field.name in given), None)
    if secret is not None:
        raise CliError(
            f"{secret} is a secret, and everybody here can read a command line",
            advice="Leave it out: it is asked for, or read from standard input",
            code=2,
        )
    return {**given, **{field.name: _prompted(field) for field in fields if field.name not in given}}


def _prompted(field: asks.AskedField) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    label = f"{field.label}{f' [{field.default}]' if field.default else ''}: "
    if field.secret:
        return getpass.getpass(label, stream=sys.stderr)
    sys.stderr.write(label)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


async def _ask(question: Ask[Q, A], data: Q) -> A:
    async with _bus() as bus:
        return await bus.ask(question, data, within=_PATIENCE_S)


@asynccontextmanager
async def _bus() -> AsyncIterator[Bus]:
    addresses = running_addresses(RuntimeSettings())
    async with open_bus(addresses.nats_url, name="clipwire-account", within=5) as bus:
        yield bus


def _print(accounts: Sequence[Account]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("account", "title", "state", "connected", "log in again until", "reason"):
        table.add_column(column, overflow="fold")
    for account in accounts:
        until = account.login_until
        cells = (
            account.account_id,
            account.title,
            account.state,
            f"{account.connected_at:%Y-%m-%d}",
            f"{until:%Y-%m-%d}" if until else "",
            account.reason or "",
        )
        table.add_row(*(Text(plain(cell)) for cell in cells))
    console.print(table)
