"""Each gate is broken once on purpose, in a copy of the tree, to see it go red."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.house.conftest import PARTS, Run
from tools.check import GATES
from tools.references import stale


def _append(path: Path, line: str) -> None:
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def test_the_import_rules_hold_for_the_tree_as_it_is(run_in: Run) -> None:
    done = run_in(*GATES["imports"])
    assert done.returncode == 0, done.stdout


BROKEN_IMPORTS = {
    "Layers": [
        ("contracts/base.py", "runtime.errors"),
        ("runtime/errors.py", "actors.ranker.core"),
        ("actors/ranker/actor.py", "gateway.http.settings"),
        ("gateway/http/settings.py", "actors.ranker.core"),
    ],
    "Actors never import each other": [("actors/ranker/actor.py", "actors.producer.core")],
    "contracts imports only pydantic": [("contracts/base.py", "httpx")],
    "Only runtime knows the bus": [("actors/ranker/actor.py", "nats")],
    "core.py decides and does no I/O": [
        ("actors/ranker/core.py", "asyncio"),
        ("actors/ranker/core.py", "runtime.errors"),
        ("actors/vlm/core/score.py", "asyncio"),
    ],
}


@pytest.mark.parametrize("rule", BROKEN_IMPORTS)
def test_each_import_that_breaks_a_rule_is_named(run_in: Run, tree: Path, rule: str) -> None:
    for file, module in BROKEN_IMPORTS[rule]:
        _append(tree / file, f"import {module}")
    done = run_in(*GATES["imports"])
    assert done.returncode != 0
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(text.startswith(rule) for text in broken), done.stdout
    told = " ".join(done.stdout.split())
    for file, module in BROKEN_IMPORTS[rule]:
        importer = file.removesuffix(".py").replace("/", ".")
        assert re.search(rf"{re.escape(importer)} -> {re.escape(module.split('.')[0])}", told), done.stdout


def test_code_out_of_format_is_red(run_in: Run, tree: Path) -> None:
    _append(tree / "contracts/base.py", "x   =  1")
    assert run_in(*GATES["format"]).returncode != 0


def test_a_swallowed_error_is_red(run_in: Run, tree: Path) -> None:
    _append(tree / "contracts/base.py", "try:\n    pass\nexcept Exception:\n    pass")
    done = run_in(*GATES["lint"])
    assert done.returncode != 0
    assert "BLE001" in done.stdout


def test_the_wrong_event_on_a_subject_is_a_type_error(run_in: Run, tree: Path) -> None:
    (tree / "wrong.py").write_text(
        "from contracts.events import CandidateRejected\n"
        "from contracts.subjects import CANDIDATE_FOUND\n"
        "from runtime.actor import Work\n\n\n"
        "async def say(work: Work, data: CandidateRejected) -> None:\n"
        "    await work.emit(CANDIDATE_FOUND, data)\n"
    )
    cache = tree / "cache"
    done = run_in("-m", "mypy", "--cache-dir", str(cache), "--follow-imports=silent", "wrong.py")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "wrong.py:7" in done.stdout


def test_a_mistake_in_types_is_red_in_every_part(run_in: Run, tree: Path) -> None:
    parts = (*PARTS, "tests", "bench")
    for part in parts:  # nothing else is in them, so that it takes a moment
        shutil.rmtree(tree / part, ignore_errors=True)
        (tree / part).mkdir()
        (tree / part / "__init__.py").write_text("number: int = 'one'\n")
    (tree / "conftest.py").write_text("number: int = 'one'\n")
    done = run_in(*GATES["types"])
    assert done.returncode == 1, done.stdout + done.stderr
    for file in (*(f"{part}/__init__.py" for part in parts), "conftest.py"):
        assert f"{file}:1: error: Incompatible types" in done.stdout, done.stdout


def test_the_references_are_fresh() -> None:
    assert stale() == []


def test_each_reference_that_is_stale_is_named(run_in: Run, tree: Path) -> None:
    events = tree / "contracts/events/candidate.py"
    contract = "class CandidateRejected(Payload):"
    events.write_text(events.read_text().replace(contract, f"{contract}\n    why: str = ''\n", 1))
    setting = '    ranker_mood: Annotated[str, Field(description="its mood")] = "good"'
    _append(tree / "actors/ranker/settings.py", setting)
    for file in ("__init__.py", "actor.py"):
        path = tree / "actors/ranker" / file
        text = path.read_text().replace("candidate.found", "candidate.rejected")
        path.write_text(text.replace("CANDIDATE_FOUND", "CANDIDATE_REJECTED"))
    (tree / "docs/schemas/clip.lost.json").write_text("{}")
    done = run_in(*GATES["references"])
    assert done.returncode == 1
    assert "docs/schemas/candidate.rejected.json is not what the code says" in done.stdout
    assert "docs/settings.md is not what the code says" in done.stdout
    assert ".env.example is not what the code says" in done.stdout
    assert "README.md is not what the code says" in done.stdout
    assert "docs/schemas/clip.lost.json belongs to no subject" in done.stdout
    assert "deploy/compose/settings.yaml is not what the code says" in done.stdout
    assert "deploy/compose/users.conf is not what the code says" in done.stdout
    assert len(done.stdout.splitlines()) == 7, done.stdout
