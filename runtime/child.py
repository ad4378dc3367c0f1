"""Be the child of a process that runs `runtime.children`: read the request, answer, die with the parent.

It imports next to nothing, so that a child starts at once: what runs children needs asyncio, a child does not.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, TextIO

from runtime.errors import Reject, Retry, Unavailable

__all__ = ["PARENT", "Say", "die_with_parent", "limit_memory", "serve_child"]

Say = Callable[[dict[str, Any]], None]
Work = Callable[[dict[str, Any], Say], dict[str, Any]]

PARENT = "CLIPWIRE_CHILD_OF"
"""The variable that tells a child the process id of its parent."""
_PR_SET_PDEATHSIG = 1


def die_with_parent(sign: signal.Signals, *, parent: int | None = None) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends `sign` when the parent's thread ends (Linux, prctl(2)); elsewhere None.

    `parent`: its process id, for a child that calls it by itself; else this process.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    expected = os.getpid() if parent is None else parent

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
        if os.getppid() != expected:  # it died between fork and prctl
            os._exit(1)

    return prepare


def serve_child(work: Work) -> None:
    """Be the child: read the request, call `work(request, progress)`, write its result or the error that it raised."""
    out = _take_stdout()
    if ask_kernel := die_with_parent(signal.SIGKILL, parent=int(os.environ.get(PARENT, os.getppid()))):
        ask_kernel()
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_watch_parent, daemon=True).start()
    try:
        message = {"result": work(request, lambda progress: _say(out, {"progress": progress}))}
    except (Reject, Retry) as error:
        message = {"failure": _described(error)}
    _say(out, message)
    out.close()
    # Threads of native libraries may still run; nothing that matters is left to do.
    os._exit(0)


def limit_memory(megabytes: int) -> None:
    """A ceiling for this process's address space, in MiB, so that a hostile file hurts nobody else; and no core dump.

    Windows has no such limit.
    """
    if sys.platform != "win32":
        import resource

        for limit, wanted in ((resource.RLIMIT_AS, megabytes << 20), (resource.RLIMIT_CORE, 0)):
            _, hard = resource.getrlimit(limit)
            resource.setrlimit(limit, (wanted if hard < 0 else min(wanted, hard), hard))


def _described(error: Reject | Retry) -> dict[str, Any]:
    if isinstance(error, Reject):
        return {"kind": "reject", "what": error.what, "advice": error.advice, "field": error.field}
    kind = "unavailable" if isinstance(error, Unavailable) else "retry"
    return {"kind": kind, "what": error.what, "advice": error.advice, "after": error.after}


def _take_stdout() -> TextIO:
    """Keep standard output for the answers alone: whatever a library prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def _say(out: TextIO, message: dict[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


def _watch_parent() -> None:
    """Standard input ends when the parent does, however it dies and on every platform."""
    sys.stdin.read()
    os._exit(1)
