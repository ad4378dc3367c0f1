"""What programs of the tests are forked from, and `clipwire` as such.

It is a process like any other in what a test sees: its folder, environment, input, output, exit code and children. What
`python -m cli` does from its very start is for the tests that interrupt it, talk to it or leave it running.
"""

from __future__ import annotations

import atexit
import os
import pkgutil
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO

import cli
from tests.support import forking

__all__ = ["forks_of", "run_forked"]

_ROOT = Path(__file__).resolve().parents[2]
_LIBRARIES = ("PIL.Image", "av", "numpy", "uvicorn")


def run_forked(
    arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str], *, timeout_s: float, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """`clipwire` with these arguments, nothing but this environment, and what is `typed` into it.

    Raises `subprocess.TimeoutExpired`; the process is killed.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(typed.encode())
        given.seek(0)
        files = given.fileno(), out.fileno(), err.fileno()
        try:
            code = forking.run_forked_module(
                _clipwire(), "cli", arguments, folder, environment, files, timeout_s=timeout_s
            )
        except TimeoutError:
            raise subprocess.TimeoutExpired(arguments, timeout_s, _text(out), _text(err)) from None
        return subprocess.CompletedProcess(arguments, code, _text(out), _text(err))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _clipwire() -> str:
    commands = (f"cli.{module.name}" for module in pkgutil.iter_modules(cli.__path__) if module.name != "__main__")
    return forks_of(*commands, *_LIBRARIES, settings=".env")


@cache
def forks_of(*modules: str, settings: str = os.devnull) -> str:
    """Where processes are forked that have imported these modules; what serves them ends with this process.

    `settings`: the file of their settings, whatever CLIPWIRE_ENV_FILE they have; it is read when they are imported.
    """
    folder = tempfile.mkdtemp(prefix="forks-")
    address = str(Path(folder, "socket"))
    bare = {key: value for key, value in os.environ.items() if not key.startswith("CLIPWIRE_")}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(address)
        listening.listen(64)
        server = subprocess.Popen(
            [sys.executable, "-P", forking.__file__, str(listening.fileno()), *modules],
            stdin=subprocess.PIPE,
            env={**bare, "CLIPWIRE_ENV_FILE": settings, "PYTHONPATH": str(_ROOT)},
            pass_fds=[listening.fileno()],
        )
    atexit.register(shutil.rmtree, folder)
    atexit.register(server.communicate)  # the end of its standard input, and so its own
    return address
