"""Work in a child process: what can hang, eat memory or crash in native code, and must be killable at any moment.

One request as a JSON line on the child's standard input, JSON lines back on its standard output: any number of
`{"progress": …}`, then one `{"result": …}` or one `{"failure": …}`. The child dies with its parent: its standard input
stays open for as long as the parent lives, and Linux sends it a signal besides.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from runtime.child import PARENT
from runtime.errors import ClipwireError, Reject, Retry, Unavailable
from runtime.tasks import end

__all__ = ["ChildCrashError", "ChildTimeoutError", "Progressed", "run_child"]

T = TypeVar("T")
Progressed = Callable[[dict[str, Any]], Awaitable[None]]

_LINE_LIMIT = 1 << 27  # a transcript of many hours is one line
_TAIL = 4096
_ROOT = str(Path(__file__).resolve().parents[1])
_KINDS: dict[str, type[Reject | Retry]] = {"reject": Reject, "retry": Retry, "unavailable": Unavailable}


class ChildCrashError(ClipwireError):
    """The child ended without an answer: killed by a limit of its own or by the system, or a bug in it."""


class ChildTimeoutError(ClipwireError):
    """The child did not answer in time and was killed."""


async def run_child(
    module: str,
    request: Mapping[str, Any],
    *,
    timeout_s: float,
    progressed: Progressed | None = None,
    env: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Run `python -m module` on `request`; its result. The child is killed and reaped when this ends, however it ends.

    Raises what the child raised (`Reject`, `Retry`, `Unavailable`), `ChildTimeoutError`, or `ChildCrashError`.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**_environment(), **(env or {})},
        start_new_session=True,  # so that what it starts itself is killed with it
        limit=_LINE_LIMIT,
    )
    tail = asyncio.create_task(_tail(process))
    try:
        async with asyncio.timeout(timeout_s) as limit:
            answer = await _converse(process, request, progressed)
            if answer is None:
                await process.wait()
                raise ChildCrashError(_obituary(module, process.returncode, await tail))
            return answer
    except TimeoutError:
        if not limit.expired():
            raise  # somebody else's: what was told of the progress, for example
        raise ChildTimeoutError(f"{module} did not finish within {timeout_s:g} seconds") from None
    finally:
        await _end(process)
        await end(tail)


def _environment() -> dict[str, str]:
    """Ours without our settings: what reads hostile bytes is told what it needs, and knows no password or key."""
    bare = {key: value for key, value in os.environ.items() if not key.upper().startswith("CLIPWIRE_")}
    return {**bare, "PYTHONPATH": _ROOT, "PYTHONUNBUFFERED": "1", PARENT: str(os.getpid())}


async def _converse(
    process: asyncio.subprocess.Process, request: Mapping[str, Any], progressed: Progressed | None
) -> dict[str, Any] | None:
    stdin, stdout = _pipe(process.stdin), _pipe(process.stdout)
    with suppress(BrokenPipeError, ConnectionResetError):  # it died at once; the end of its output tells
        stdin.write(json.dumps(request).encode() + b"\n")
        await stdin.drain()
    while line := await stdout.readline():
        message = json.loads(line)
        if "progress" in message:
            if progressed is not None:
                await progressed(message["progress"])
        elif "failure" in message:
            raise _failure(message["failure"])
        else:
            result: dict[str, Any] = message["result"]
            return result
    return None


def _pipe(stream: T | None) -> T:
    if stream is None:
        raise ValueError("the child was started without this pipe")
    return stream


def _failure(failure: dict[str, Any]) -> Reject | Retry:
    kind = _KINDS[failure["kind"]]
    if issubclass(kind, Retry):
        return kind(failure["what"], advice=failure["advice"], after=failure.get("after"))
    return kind(failure["what"], advice=failure["advice"], field=failure.get("field"))


async def _tail(process: asyncio.subprocess.Process) -> bytes:
    """The end of what the child complains about; read all the time, so that it never waits for us."""
    stderr, kept = _pipe(process.stderr), b""
    while chunk := await stderr.read(_TAIL):
        kept = (kept + chunk)[-_TAIL:]
    return kept


def _obituary(module: str, code: int | None, tail: bytes) -> str:
    if code is not None and code < 0:
        how = f"was killed by {signal.Signals(-code).name}"
    else:
        how = f"ended with exit code {code}"
    lines = tail.decode("utf-8", "replace").strip().splitlines()
    return f"{module} {how}" + (f": {lines[-1][:300]}" if lines else "")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the child's whole session, and reap the child even if we are being cancelled ourselves."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
    await asyncio.shield(process.wait())
