"""What people and programs read: one line for a failure, JSON for programs, a rich console for the rest."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog
from rich.console import Console

from runtime.errors import ClipwireError

__all__ = ["CliError", "console", "plain", "print_json", "run", "say"]

T = TypeVar("T")
# A table in a file or a pipe is not folded to the width of a terminal that nobody looks at.
console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 180)


class CliError(ClipwireError):
    """A command cannot do what it was asked to. `code`: the exit code (2: it was asked wrongly)."""

    def __init__(self, what: str, *, advice: str = "", code: int = 1) -> None:
        super().__init__(what, advice=advice)
        self.code = code


def plain(words: str) -> str:
    """Without what a terminal would obey: names and messages of strangers are shown, never carried out."""
    return words if words.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)


def say(words: str) -> None:
    """A line for the person who watches; not part of the answer, so it goes to standard error."""
    print(plain(words), file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """One JSON document, or one line of a stream of them."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine. Connection trouble reaches the person as the command's one line, not as log lines."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    return asyncio.run(work)
