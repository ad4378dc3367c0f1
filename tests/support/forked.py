"""`clipwire` as a process of its own that is forked, not started: what it imports is imported once in a run.

It is a process like any other in what a test sees: its folder, environment, output, exit code and children. What
`python -m cli` does from its very start is for the tests that interrupt it, talk to it or leave it running.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO

import cli
from cli.main import main

__all__ = ["run_forked"]

_ROOT = Path(__file__).resolve().parents[2]
_LIBRARIES = ("PIL.Image", "av", "numpy", "uvicorn")
_MOST = 1 << 16  # bytes of a request


def run_forked(
    arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str], *, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """`clipwire` with these arguments and nothing but this environment; CLIPWIRE_ENV_FILE comes too late here.

    Raises `subprocess.TimeoutExpired`; the process is killed before.
    """
    request = json.dumps({"arguments": arguments, "folder": str(folder), "environment": dict(environment)})
    read, write = os.pipe()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, os.fdopen(read, "rb", buffering=0) as told:
        socket.send_fds(_server(), [request.encode()], [out.fileno(), err.fileno(), write])
        os.close(write)
        pid = int(told.readline())
        ended, _, _ = select.select([told], [], [], timeout_s)
        if not ended:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(arguments, timeout_s, _text(out), _text(err))
        code = os.waitstatus_to_exitcode(int(told.readline()))
        return subprocess.CompletedProcess(arguments, code, _text(out), _text(err))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def _server() -> socket.socket:
    """Where requests go; what serves them ends with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    bare = {key: value for key, value in os.environ.items() if not key.startswith("CLIPWIRE_")}
    with theirs:
        server = subprocess.Popen(
            [sys.executable, "-P", __file__, str(theirs.fileno())],  # no part of the tests, which read no settings
            stdin=subprocess.DEVNULL,
            env={**bare, "PYTHONPATH": str(_ROOT)},
            pass_fds=[theirs.fileno()],
        )
    atexit.register(server.wait)
    atexit.register(ours.close)  # which ends it
    return ours


def _serve(requests: socket.socket) -> None:
    """Fork for every request. Returns where the requests end, and as the process that a request asks for."""
    for module in (*(f"cli.{module.name}" for module in pkgutil.iter_modules(cli.__path__)), *_LIBRARIES):
        import_module(module)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, _MOST, 3)
        if not message:
            return
        if os.fork() == 0:
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _tell(*descriptors)
            _become(**json.loads(message))
            main()
        for descriptor in descriptors:
            os.close(descriptor)


def _tell(out: int, err: int, told: int) -> None:
    """Tell the process id and the status of another fork. Returns in that, its output going to these files."""
    if pid := os.fork():
        os.write(told, b"%d\n" % pid)
        os.write(told, b"%d\n" % os.waitpid(pid, 0)[1])
        os._exit(0)
    for descriptor, place in ((out, 1), (err, 2)):
        os.dup2(descriptor, place)
    for descriptor in (out, err, told):
        os.close(descriptor)


def _become(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [str(_ROOT / "cli" / "__main__.py"), *arguments]


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as given:
        _serve(given)
