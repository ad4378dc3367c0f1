"""`clipwire`: the commands, and how a failure becomes one line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from cli import accounts, analyze, demo, doctor, events, export, make, provision, publish, render, scan, telegram
from cli.output import CliError, say
from runtime.errors import ClipwireError
from runtime.refusal import setting_fault

__all__ = ["app", "run_command"]

# Typer brings its own copy of click and does not name the root of its usage errors in public.
_Usage: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")

app = typer.Typer(
    name="clipwire",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Finds, cuts, captions and publishes short videos; every step an actor on the bus.",
)


@app.command("up")
def up(actors: Annotated[list[str] | None, typer.Argument(help="Actors and doors to run; none: all.")] = None) -> None:
    """Run actors and doors on this machine, with NATS and PostgreSQL of its own unless addresses are set."""
    from cli.up import up as run_up

    run_up(actors or [])


app.command("make")(make.make)
app.command("render")(render.render)
app.command("analyze")(analyze.analyze)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("scan")(scan.scan)
app.command("publish")(publish.publish)
app.command("provision")(provision.provision)
app.add_typer(events.app, name="events")
app.add_typer(accounts.app, name="account")
app.add_typer(telegram.app, name="telegram")
app.command("export")(export.export)


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command and say in a line why it failed; the exit code, as `cli.main` has it.

    Raises KeyboardInterrupt, or returns 130 where typer has made that of it.
    """
    try:
        return app(args=arguments, standalone_mode=False) or 0
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
    words = error.format_message().strip().rstrip(".")
    command = error.ctx.command_path if getattr(error, "ctx", None) else "clipwire"
    return f"{words}. See `{command} --help`"
