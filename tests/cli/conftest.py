"""The command line as a program: its output, its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env={**plain, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
