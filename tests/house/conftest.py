"""A copy of the tree that a test may break."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("contracts", "runtime", "actors", "gateway", "cli", "tools")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The code without its tests, as it is now, and as it is compiled: a copy has the times of its original."""
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / part)
    for file in ("pyproject.toml", "README.md", ".env.example"):
        shutil.copy(ROOT / file, tmp_path / file)
    for part in ("docs", "deploy"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


@pytest.fixture
def run_in(tree: Path) -> Run:
    """Runs Python with arguments in the copy, on the copy's code."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tree,
            env={"PYTHONPATH": str(tree), "PATH": "", "HOME": str(tree)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
