"""The scaffold makes an actor that passes every gate at once."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.house.conftest import ROOT, Run
from tools.check import GATES
from tools.new_actor import create
from tools.shape import faults


def learn_types(tree: Path) -> None:
    """Give a copy of the tree what mypy found here, so that it looks only at what is new; without it, at everything."""
    for known in (ROOT / ".mypy_cache").rglob("*.db"):
        copy = tree / known.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with (
            closing(sqlite3.connect(f"{known.as_uri()}?mode=ro", uri=True)) as here,
            closing(sqlite3.connect(copy)) as to,
        ):
            here.backup(to)  # whole, also where mypy runs right now


def test_a_new_actor_passes_the_gates_and_its_tests_at_once(tree: Path, run_in: Run) -> None:
    written = create("subtitler", tree)
    shutil.copytree(ROOT / "tests/support", tree / "tests/support", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("__init__.py", "conftest.py"):
        shutil.copy(ROOT / "tests" / file, tree / "tests" / file)
    paths = [str(path.relative_to(tree)) for path in written if path.suffix == ".py"]
    assert faults(tree) == []
    learn_types(tree)
    for gate in (
        ("-m", "ruff", "format", "--check", *paths),
        ("-m", "ruff", "check", *paths),
        tuple(GATES["imports"]),
        ("-m", "mypy", "-p", "actors.subtitler"),
        ("-m", "pytest", "tests/subtitler"),
    ):
        done = run_in(*gate)
        assert done.returncode == 0, f"{gate}: {done.stdout}{done.stderr}"


def test_the_scaffold_changes_nothing_else(tmp_path: Path) -> None:
    written = set(create("subtitler", tmp_path))
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == written


@pytest.mark.parametrize(
    "name", ["", "A", "a", "9lives", "two words", "../evil", "class", "with-dash", "x" * 40, "end_"]
)
def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be an actor's name"):
        create(name, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("home", ["actors", "tests"])
def test_a_folder_that_is_there_is_left_alone(tmp_path: Path, home: str) -> None:
    (tmp_path / home / "subtitler").mkdir(parents=True)
    with pytest.raises(ValueError, match="is there already"):
        create("subtitler", tmp_path)
