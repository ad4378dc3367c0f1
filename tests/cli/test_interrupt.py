"""Ctrl-C leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, interrupt
from tests.cli.test_make import _film


@pytest.mark.parametrize(
    "start", [("-m", "cli"), ("-c", "from cli.main import main; main()")], ids=["module", "script"]
)
def test_interrupted_while_it_starts_it_says_so_in_one_line(tmp_path: Path, start: tuple[str, ...]) -> None:
    """A library that it imports says that it is being imported, and takes long."""
    (tmp_path / "typer.py").write_text("import sys\nprint('importing', flush=True)\nsys.stdin.read()\n")
    with subprocess.Popen(
        [sys.executable, *start, "--help"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        assert child.stdout.readline() == "importing\n"
        child.send_signal(signal.SIGINT)
        told = child.stderr.read()
        assert child.wait(30) == 130
    assert told == "clipwire: interrupted\n"


def test_an_interrupted_order_ends_everything_that_it_started(open_folder: Path) -> None:
    _film(open_folder / "talk.mp4")
    surroundings = {"CLIPWIRE_HOME": str(open_folder / "home"), "CLIPWIRE_HTTP_PORT": "0"}
    interrupt(open_folder, "make", "talk.mp4", at="downloaded", started=6, within=60, **surroundings)
    assert not (open_folder / "home" / "run.json").exists()
