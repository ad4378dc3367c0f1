"""`clipwire user`: who may use this Clipwire, straight from its database, for whoever runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.addresses import running_addresses
from cli.output import CliError, console, plain, print_json, run, say
from contracts.permissions import ROLES, Role
from gateway.http.auth import load_token
from gateway.http.settings import GatewaySettings
from gateway.projection.database import open_pool
from gateway.users.audit import Came
from gateway.users.identities import Identities, open_identities
from gateway.users.invitations import Invitation
from gateway.users.principal import OPERATOR, User
from gateway.users.settings import UserSettings
from gateway.users.statements import SQL
from runtime.database import migrate
from runtime.settings import RuntimeSettings

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Users: list them, invite them, give them a new password.")
Json = Annotated[bool, typer.Option("--json", help="The answer as JSON.")]
_HERE = Came("this machine", "clipwire")


@app.command("list")
def list_users(as_json: Json = False) -> None:
    """Show everybody, the first one first."""
    users = run(_all())
    if as_json:
        print_json({"users": [_told(user) for user in users]})
    elif users:
        _print(users)
    else:
        say("nobody has registered; `clipwire user invite` makes an invitation")


@app.command()
def invite(
    role: Annotated[str, typer.Option(help=f"One of: {', '.join(ROLES)}.")] = "creator",
    note: Annotated[str, typer.Option(help="For whom it is.")] = "",
    as_json: Json = False,
) -> None:
    """Make an invitation: a code with which one person may register. The first user becomes admin."""
    known: dict[str, Role] = {each: each for each in ROLES}
    if role not in known:
        raise CliError(f"{role!r} is no role", advice=f"Roles: {', '.join(ROLES)}", code=2)
    _show(*run(_invited(known[role], note)), as_json=as_json, what="invitation")


@app.command()
def reset(name: Annotated[str, typer.Argument(help="The user's name.")], as_json: Json = False) -> None:
    """Make a code with which a user who has lost their password may set a new one."""
    _show(*run(_reset(name)), as_json=as_json, what="code")


async def _all() -> list[User]:
    async with _identities() as identities:
        return await identities.users.all()


async def _invited(role: Role, note: str) -> tuple[Invitation, str]:
    async with _identities() as identities:
        made, code = await identities.invitations.invite(role, note, by=OPERATOR)
        await identities.audit.write("invitation.made", OPERATOR, _HERE, about=made.id, role=role)
        return made, code


async def _reset(name: str) -> tuple[Invitation, str]:
    async with _identities() as identities:
        user = await identities.users.named(name)
        if user is None or user.service:
            raise CliError(f"there is no user {name!r} with a password", advice="`clipwire user list` shows them")
        made, code = await identities.invitations.reset(user, by=OPERATOR)
        await identities.audit.write("password.reset_offered", OPERATOR, _HERE, about=user.id)
        return made, code


@asynccontextmanager
async def _identities() -> AsyncIterator[Identities]:
    settings = RuntimeSettings()
    url = running_addresses(settings).database_url
    if url is None:
        raise CliError("the Clipwire that runs has no database", advice="Start it with the HTTP door: `clipwire up`")
    async with open_pool(url, within=5, size=1) as pool:
        await migrate(pool, SQL)
        token = load_token(GatewaySettings(), settings.home)
        yield open_identities(pool, UserSettings(), home=settings.home, operator_token=token)


def _show(made: Invitation, code: str, *, as_json: bool, what: str) -> None:
    if as_json:
        print_json({what: code, "role": made.role, "expires_at": made.expires_at.isoformat()})
        return
    route = "/api/v1/auth/register" if what == "invitation" else "/api/v1/auth/password"
    say(f"good once, for POST {route}, until {made.expires_at:%Y-%m-%d %H:%M} UTC; it is shown only here")
    console.print(code, markup=False)


def _told(user: User) -> dict[str, object]:
    about = {"id": user.id, "name": user.name, "role": user.role}
    return {**about, "service": user.service, "disabled": user.disabled_at is not None}


def _print(users: list[User]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "role", "kind", "since", "id"):
        table.add_column(column)
    for user in users:
        kind = "service" if user.service else "person"
        state = f"{kind}, disabled" if user.disabled_at else kind
        cells = (user.name, user.role, state, f"{user.made_at:%Y-%m-%d}", user.id)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    console.print(table)
