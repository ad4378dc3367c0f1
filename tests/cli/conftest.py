"""The command line as a program: its output, its exit code."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.support.forked import run_forked

ROOT = Path(__file__).resolve().parents[2]
Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A CLIPWIRE_HOME in which nothing runs."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def cli(tmp_path: Path, home: Path) -> Cli:
    """Runs `clipwire` with arguments, as a child in an empty folder; `environment` is added to a plain one."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return run_cli(tmp_path, *arguments, **{"CLIPWIRE_HOME": str(home), **environment})

    return run


def run_cli(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`clipwire` with these arguments, in this folder."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("CLIPWIRE_")}
    return run_forked(arguments, folder, {**plain, "PYTHONPATH": str(ROOT), **environment}, timeout_s=100)


def interrupt(folder: Path, *arguments: str, at: str, started: int = 1, within: float = 30, **environment: str) -> None:
    """Ctrl-C for `clipwire` with these arguments, as soon as it says a line that fits `at`.

    It has started so many children by then, ends in so many seconds, says that it was interrupted, and leaves none.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if re.match(at, line):
                break
        children = psutil.Process(child.pid).children(recursive=True)
        child.send_signal(signal.SIGINT)
        rest = child.stderr.read()
        assert child.wait(within) == 130, rest
    assert len(children) >= started
    assert "clipwire: interrupted" in rest and "Traceback" not in rest
    assert not [each for each in children if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
