"""`clipwire`: the commands, and how a failure becomes one line and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from cli import demo, doctor, events, export, make, provision, render, scan
from cli.output import CliError, say
from runtime.errors import ClipwireError
from runtime.refusal import setting_fault

__all__ = ["app", "main"]

_INTERRUPTED = 130
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
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("scan")(scan.scan)
app.command("provision")(provision.provision)
app.add_typer(events.app, name="events")
app.command("export")(export.export)


def main() -> None:
    """Run one command. Exit codes: 0 done, 1 it failed, 2 it was asked wrongly, 130 interrupted."""
    try:
        code = app(standalone_mode=False)
        if code == _INTERRUPTED:  # typer has turned Ctrl-C into this code without a word
            say("clipwire: interrupted")
    except CliError as error:
        say(f"clipwire: {error}")
        code = error.code
    except ClipwireError as error:
        say(f"clipwire: {error}")
        code = 1
    except ValidationError as error:
        say(f"clipwire: {setting_fault(error)}")
        code = 2
    except _Usage as error:
        say(f"clipwire: {_usage(error)}")
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        say("clipwire: interrupted")
        code = _INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough, like `head`
        sys.stderr.close()
        code = 0
    raise SystemExit(code or 0)


def _usage(error: Any) -> str:
    words = error.format_message().strip().rstrip(".")
    command = error.ctx.command_path if getattr(error, "ctx", None) else "clipwire"
    return f"{words}. See `{command} --help`"
