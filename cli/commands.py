"""`clipwire`: the commands, and how a failure becomes one line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer
from pydantic import ValidationError

from cli.output import CliError, say
from runtime.errors import ClipwireError
from runtime.refusal import setting_fault

__all__ = ["app_for", "run_command"]

# Typer brings its own copy of click and does not name the root of its usage errors in public.
_Usage: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")

_COMMANDS = {
    "up": "up",
    "make": "make",
    "render": "render",
    "analyze": "analyze",
    "demo": "demo",
    "doctor": "doctor",
    "scan": "scan",
    "publish": "publish",
    "provision": "provision",
    "events": "events",
    "account": "accounts",
    "user": "users",
    "telegram": "telegram",
    "export": "export",
}
"""Every command in the order of the help, and its module: a function of the command's name, or an `app` of its own."""


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """The command line for these arguments: with the command that they name or, where they name none, with all.

    A command brings libraries that the others do not need, and the time that it takes to import them.
    """
    app = typer.Typer(
        name="clipwire",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Finds, cuts, captions and publishes short videos; every step an actor on the bus.",
    )
    app.callback()(_nothing_for_all)
    named = next((word for word in arguments if not word.startswith("-")), None)
    for name in [named] if named in _COMMANDS else _COMMANDS:
        module = import_module(f"cli.{_COMMANDS[name]}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def _nothing_for_all() -> None: ...


def run_command(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run one command and say in a line why it failed; the exit code, as `cli.main` has it.

    Raises KeyboardInterrupt, or returns 130 where typer has made that of it.
    """
    try:
        return app(args=arguments, prog_name="clipwire", standalone_mode=False) or 0
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except CliError as error:
        say(f"clipwire: {error}")
        return error.code
    except ClipwireError as error:
        say(f"clipwire: {error}")
        return 1
    except ValidationError as error:
        say(f"clipwire: {setting_fault(error)}")
        return 2
    except _Usage as error:
        say(f"clipwire: {_usage(error)}")
        return 2
    except BrokenPipeError:  # the reader of our output has seen enough, like `head`
        sys.stderr.close()
        return 0


def _usage(error: Any) -> str:
    words = error.format_message().strip().rstrip(".").replace("Value error, ", "")
    command = error.ctx.command_path if getattr(error, "ctx", None) else "clipwire"
    return f"{words}. See `{command} --help`"
