"""`clipwire telegram`: link a chat, and see which are linked, as the operator."""

from __future__ import annotations

from typing import Annotated, TypeVar

import typer

from cli.addresses import running_addresses
from cli.output import CliError, print_json, run, say
from contracts import asks
from contracts.base import Contract
from runtime.bus import open_bus
from runtime.settings import RuntimeSettings

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="The Telegram bot: link chats, and show what is linked.")
Q = TypeVar("Q", bound=Contract)
A = TypeVar("A", bound=Contract)
Json = Annotated[bool, typer.Option("--json", help="The answer as JSON.")]
User = Annotated[str | None, typer.Option("--user", help="Id of a user; none: the operator.")]
_PATIENCE_S = 40.0


@app.command()
def link(user: User = None, as_json: Json = False) -> None:
    """Make a code that links a chat: good once and for ten minutes."""
    code = run(_ask(asks.TELEGRAM_CODE, asks.WhichUser(user_id=user)))
    if as_json:
        print_json(code.model_dump(mode="json"))
        return
    for address in code.links:
        say(f"open on the phone or computer where your Telegram is: {address}")
    say(f"or send the bot: /start {code.code}")
    say(f"good once, until {code.expires_at:%H:%M} UTC")


@app.command("list")
def list_chats(user: User = None, as_json: Json = False) -> None:
    """Show linked chats and own bots."""
    view = run(_ask(asks.TELEGRAM_SHOWN, asks.WhichUser(user_id=user)))
    if as_json:
        print_json(view.model_dump(mode="json"))
        return
    for chat in view.chats:
        say(f"{chat.person} with @{chat.bot} (chat {chat.chat_id})" + ("" if chat.active else ": has blocked the bot"))
    for bot in view.bots:
        say(f"bot {bot.bot_id} @{bot.username}: {bot.state}" + (f" ({bot.reason})" if bot.reason else ""))
    if not view.chats:
        say("no chat is linked; `clipwire telegram link` makes a code for one")


@app.command()
def unlink(
    chat: Annotated[int, typer.Argument(help="As in `clipwire telegram list --json`.")],
    user: User = None,
    as_json: Json = False,
) -> None:
    """Hear a chat no more."""
    view = run(_ask(asks.TELEGRAM_SHOWN, asks.WhichUser(user_id=user)))
    found = next((each for each in view.chats if each.chat_id == chat), None)
    if found is None:
        raise CliError(f"the chat {chat} is not linked", advice="`clipwire telegram list` shows those that are")
    run(_ask(asks.TELEGRAM_UNLINK, asks.WhichChat(user_id=user, bot_id=found.bot_id, chat_id=chat)))
    if as_json:
        print_json({"unlinked": chat})
    else:
        say(f"the chat with {found.person} is heard no more")


async def _ask(question: asks.Ask[Q, A], data: Q) -> A:
    addresses = running_addresses(RuntimeSettings())
    async with open_bus(addresses.nats_url, name="clipwire-cli", within=5) as bus:
        return await bus.ask(question, data, within=_PATIENCE_S)
