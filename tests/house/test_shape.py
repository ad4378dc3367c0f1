"""Every actor folder has the same shape; the gate names the file that has not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools.shape import faults

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def actors(tmp_path: Path) -> Path:
    """A root with the ranker alone in it, to be spoilt."""
    (tmp_path / "actors").mkdir()
    shutil.copy(ROOT / "actors/__init__.py", tmp_path / "actors/__init__.py")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "actors/ranker", tmp_path / "actors/ranker", ignore=ignored)
    return tmp_path


def test_every_actor_has_the_common_shape() -> None:
    assert faults(ROOT) == []


def test_an_unspoilt_copy_has_no_faults(actors: Path) -> None:
    assert faults(actors) == []


@pytest.mark.parametrize("name", ["README.md", "__main__.py", "settings.py", "actor.py", "core.py"])
def test_a_missing_file_is_named(actors: Path, name: str) -> None:
    (actors / "actors/ranker" / name).unlink()
    assert f"actors/ranker/{name}: missing" in faults(actors)


def test_a_surplus_file_is_named(actors: Path) -> None:
    (actors / "actors/ranker/helpers.py").write_text("")
    assert faults(actors) == ["actors/ranker/helpers.py: surplus"]


def test_a_stray_file_beside_the_actors_is_named(actors: Path) -> None:
    (actors / "actors/common.py").write_text("")
    assert faults(actors) == ["actors/common.py: surplus"]


@pytest.mark.parametrize(
    "line",
    [
        "import asyncio",
        "from pathlib import Path",
        "import urllib.request",
        "from runtime.errors import Reject",
        "import numpy, httpx",
        "def read() -> str:\n    return open('x').read()",
        "async def wait() -> None: ...",
    ],
)
def test_a_core_that_reaches_outside_is_named(actors: Path, line: str) -> None:
    core = actors / "actors/ranker/core.py"
    core.write_text(f"{core.read_text()}\n{line}\n")
    assert [fault for fault in faults(actors) if fault.startswith("actors/ranker/core.py:")]


def _packed(actors: Path, name: str) -> Path:
    """The ranker with the module `name` as a package; a module that it does not have is made first."""
    ranker = actors / "actors/ranker"
    (ranker / f"{name}.py").touch()
    (ranker / name).mkdir()
    (ranker / f"{name}.py").rename(ranker / name / "__init__.py")
    return ranker / name


@pytest.mark.parametrize("name", ["core", "ports"])
def test_a_core_and_ports_may_be_packages(actors: Path, name: str) -> None:
    package = _packed(actors, name)
    (package / "time.py").write_text("")
    assert faults(actors) == []


@pytest.mark.parametrize("name", ["core", "ports"])
def test_what_may_be_a_package_is_a_module_or_a_package_and_not_both(actors: Path, name: str) -> None:
    _packed(actors, name)
    (actors / f"actors/ranker/{name}.py").write_text("")
    assert faults(actors) == [f"actors/ranker/{name}.py: surplus beside the package {name}/"]


@pytest.mark.parametrize("name", ["core", "ports"])
def test_a_package_says_in_its_init_what_it_offers(actors: Path, name: str) -> None:
    package = _packed(actors, name)
    (package / "__init__.py").unlink()
    assert faults(actors) == [f"actors/ranker/{name}/__init__.py: missing"]


@pytest.mark.parametrize("name", ["core/score.py", "core/deep/score.py"])
def test_every_module_of_a_core_is_held_to_its_rules(actors: Path, name: str) -> None:
    ranker = actors / "actors/ranker"
    (ranker / name).parent.mkdir(parents=True)
    (ranker / "core.py").rename(ranker / "core/__init__.py")
    (ranker / name).write_text("import os\n")
    assert faults(actors) == [f"actors/ranker/{name}:1: imports os; a core decides and does no I/O"]


@pytest.mark.parametrize("name", ["core", "ports"])
@pytest.mark.parametrize("junk", ["words.txt", "deep/words.txt"])
def test_a_package_holds_modules_only(actors: Path, name: str, junk: str) -> None:
    package = _packed(actors, name)
    (package / junk).parent.mkdir(exist_ok=True)
    (package / junk).write_text("a")
    assert faults(actors) == [f"actors/ranker/{name}/{junk}: surplus"]


@pytest.mark.parametrize("name", ["store", "settings", "ports.d"])
def test_nothing_else_may_be_a_package(actors: Path, name: str) -> None:
    (actors / "actors/ranker" / name).mkdir()
    assert faults(actors) == [f"actors/ranker/{name}: surplus"]


def test_a_core_may_calculate(actors: Path) -> None:
    core = actors / "actors/ranker/core.py"
    core.write_text(f"{core.read_text()}\nimport statistics\nfrom datetime import UTC\n")
    assert faults(actors) == []


def test_a_handler_with_another_name_is_named(actors: Path) -> None:
    actor = actors / "actors/ranker/actor.py"
    actor.write_text(actor.read_text().replace("on_candidate_found", "handle"))
    assert faults(actors) == [
        "actors/ranker/actor.py: the handler of candidate.found is named handle, should be on_candidate_found"
    ]


def test_a_docstring_that_contradicts_the_code_is_named(actors: Path) -> None:
    (actors / "actors/ranker/__init__.py").write_text('"""candidate.found -> clip.downloaded"""\n')
    assert faults(actors) == ["ranker/__init__.py says that it emits clip.downloaded; the code: candidate.ranked"]


def test_a_docstring_that_is_no_flow_is_named(actors: Path) -> None:
    (actors / "actors/ranker/__init__.py").write_text('"""Ranks."""\n')
    assert "ranker/__init__.py" in faults(actors)[0]


def test_a_card_that_does_not_say_how_it_fails_is_named(actors: Path) -> None:
    card = actors / "actors/ranker/README.md"
    card.write_text("# ranker\n\nlistens emits idempotency retries needs\n")
    assert faults(actors) == ["actors/ranker/README.md: the card does not say: how it fails"]
