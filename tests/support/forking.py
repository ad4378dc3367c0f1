"""Programs of ours as processes that are forked, not started: what they import is imported once in a run.

What serves the forks is `python -P forking.py SOCKET MODULE…`: it has imported the modules, and forks for whoever comes
to the socket, until its standard input ends. This module imports next to nothing: whoever asks for a fork may be a
process that is started for nothing else.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

__all__ = ["FORKS", "be_forked", "run_forked_module"]

FORKS = "FORKS_OF_THE_TESTS"
"""The variable that tells a program where it can be forked; without it, it is one that was started."""
_MOST = 1 << 16  # bytes of a request


def be_forked(module: str) -> None:
    """Where that is told, this process's arguments, folder, environment and files are those of a fork that runs
    `module`; it ends as that does, which is killed with it. Returns where nothing is told."""
    environment = dict(os.environ)
    if address := environment.pop(FORKS, None):
        code = run_forked_module(address, module, sys.argv[1:], Path.cwd(), environment, (0, 1, 2))
        if code < 0:
            os.kill(os.getpid(), -code)
        os._exit(code)


def run_forked_module(
    address: str,
    module: str,
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    files: tuple[int, int, int],
    *,
    timeout_s: float | None = None,
) -> int:
    """`python -m module` with these arguments, nothing but this environment, and these as standard input, output and
    error; its exit code, or less than zero for the signal that ended it.

    Raises `TimeoutError`. The process is killed when this ends, however it ends.
    """
    request = {"module": module, "arguments": arguments, "folder": str(folder), "environment": environment}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.connect(address)
        socket.send_fds(server, [json.dumps(request).encode()], files)
        server.settimeout(timeout_s)
        return os.waitstatus_to_exitcode(int(server.recv(_MOST)))


def _serve(listening: socket.socket) -> None:
    """Fork for everyone who comes. Returns at the end of the tests, and as the process that is asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while 0 not in select.select([0, listening.fileno()], [], [])[0]:
        asking, _ = listening.accept()
        with asking:
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listening.close()
                message, files, _, _ = socket.recv_fds(asking, _MOST, 3)
                _watch(asking)
                _become(files, **json.loads(message))
                return


def _watch(asking: socket.socket) -> None:
    """Tell the status of another fork, and kill it when nobody waits for it any more. Returns in that."""
    pid = os.fork()
    if pid == 0:
        return
    ended = os.pidfd_open(pid)
    if ended not in select.select([ended, asking.fileno()], [], [])[0]:
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    with suppress(BrokenPipeError):  # nobody waits for it
        asking.send(b"%d" % status)
    os._exit(0)


def _become(files: Sequence[int], module: str, arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    from runpy import run_module

    os.setsid()
    for place, file in enumerate(files):
        os.dup2(file, place)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    run_module(module, run_name="__main__", alter_sys=True)


def _main(place: str, *modules: str) -> None:
    import gc
    from importlib import import_module

    for module in modules:
        import_module(module)
    gc.freeze()
    with socket.socket(fileno=int(place)) as listening:
        _serve(listening)


if __name__ == "__main__":
    _main(*sys.argv[1:])
