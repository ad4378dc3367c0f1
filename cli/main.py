"""The way into `clipwire`. Its commands take half a second to import; Ctrl-C ends that in one line as well."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

__all__ = ["main"]

_INTERRUPTED = 130
_WORDS = "clipwire: interrupted\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; `arguments`: those of the process unless given.

    Exit codes: 0 done, 1 it failed, 2 it was asked wrongly, 130 interrupted.
    """
    try:
        with _left_at_once():
            from cli.commands import app_for, run_command

            given = sys.argv[1:] if arguments is None else arguments
            app = app_for(given)
        code = run_command(app, given)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    if code == _INTERRUPTED:
        sys.stderr.write(_WORDS)
    raise SystemExit(code)


@contextmanager
def _left_at_once() -> Iterator[None]:
    """Ctrl-C ends the process on the spot: an exception out of an import is lost in some libraries, or told by them."""
    heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # a shell's background job ignores it
    if heeded:
        signal.signal(signal.SIGINT, _leave)
    yield
    if heeded:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(*_: object) -> None:
    os.write(sys.stderr.fileno(), _WORDS.encode())
    os._exit(_INTERRUPTED)
