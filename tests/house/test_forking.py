"""A program of the tests that is forked behaves as one that is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.conftest import ROOT
from tests.support.forked import forks_of
from tests.support.forking import FORKS, run_forked_module

WAITS = "code"
"""A module that says something and waits for what is typed in."""


def test_a_fork_ends_when_nobody_waits_for_it_any_more() -> None:
    (typed, typing), (told, telling) = os.pipe(), os.pipe()
    with pytest.raises(TimeoutError):
        run_forked_module(forks_of(), WAITS, (), ROOT, {}, (typed, telling, telling), timeout_s=1)
    os.close(telling)
    with os.fdopen(told, "rb") as rest:
        assert rest.read().startswith(b"Python")  # its end comes when nobody is left who could write
    os.close(typed)
    os.close(typing)


def test_a_fork_is_killed_with_the_process_that_was_started_for_it() -> None:
    program = f"from tests.support.forking import be_forked; be_forked({WAITS!r})"
    environment, pipe = {"PYTHONPATH": str(ROOT), FORKS: forks_of()}, subprocess.PIPE
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b"Python")
        child.kill()
        child.stdout.read()


@pytest.mark.parametrize(("arguments", "code"), [(("there.json",), 0), (("broken.json",), 1), (("--never",), 2)])
def test_it_has_its_folder_its_files_and_its_exit_code(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    (tmp_path / "there.json").write_text("[1]")
    (tmp_path / "broken.json").write_text("[1")
    with (tmp_path / "out").open("w+b") as out:
        files = (out.fileno(),) * 3
        assert run_forked_module(forks_of(), "json.tool", arguments, tmp_path, {}, files, timeout_s=30) == code
    if not code:
        assert (tmp_path / "out").read_text().split() == ["[", "1", "]"]
