"""Each gate is broken once on purpose, in a copy of the tree, to see it go red."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.conftest import Run
from tools.check import GATES


def _append(path: Path, line: str) -> None:
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def test_the_import_rules_hold_for_the_tree_as_it_is(run_in: Run) -> None:
    done = run_in(*GATES["imports"])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line", "rule"),
    [
        ("contracts/base.py", "import runtime.errors", "Layers"),
        ("runtime/errors.py", "import actors.ranker.core", "Layers"),
        ("actors/ranker/actor.py", "import gateway.http.settings", "Layers"),
        ("gateway/http/settings.py", "import actors.ranker.core", "Layers"),
        ("actors/ranker/actor.py", "import actors.producer.core", "Actors never import each other"),
        ("contracts/base.py", "import httpx", "contracts imports only pydantic"),
        ("actors/ranker/actor.py", "import nats", "Only runtime knows the bus"),
        ("actors/ranker/core.py", "import asyncio", "core.py decides and does no I/O"),
        ("actors/ranker/core.py", "import runtime.errors", "core.py decides and does no I/O"),
        ("actors/vlm/core/score.py", "import asyncio", "core.py decides and does no I/O"),
    ],
)
def test_a_broken_import_rule_is_named(run_in: Run, tree: Path, file: str, line: str, rule: str) -> None:
    _append(tree / file, line)
    done = run_in(*GATES["imports"])
    assert done.returncode != 0
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(text.startswith(rule) for text in broken), done.stdout


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


def test_the_references_are_fresh(run_in: Run) -> None:
    done = run_in(*GATES["references"])
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_changed_contract_is_seen_in_its_schema(run_in: Run, tree: Path) -> None:
    events = tree / "contracts/events/candidate.py"
    events.write_text(
        events.read_text().replace(
            "class CandidateRejected(Payload):", "class CandidateRejected(Payload):\n    why: str = ''\n", 1
        )
    )
    done = run_in(*GATES["references"])
    assert done.returncode == 1
    assert "docs/schemas/candidate.rejected.json" in done.stdout


def test_a_new_setting_is_missed_in_the_reference(run_in: Run, tree: Path) -> None:
    settings = tree / "actors/ranker/settings.py"
    _append(settings, '    ranker_mood: Annotated[str, Field(description="its mood")] = "good"')
    done = run_in(*GATES["references"])
    assert done.returncode == 1
    assert "docs/settings.md" in done.stdout
    assert ".env.example" in done.stdout


def test_a_changed_flow_is_seen_in_the_picture(run_in: Run, tree: Path) -> None:
    for file in ("__init__.py", "actor.py"):
        path = tree / "actors/ranker" / file
        text = (
            path.read_text()
            .replace("candidate.found", "candidate.rejected")
            .replace("CANDIDATE_FOUND", "CANDIDATE_REJECTED")
        )
        path.write_text(text)
    done = run_in(*GATES["references"])
    assert done.returncode == 1
    assert "README.md" in done.stdout


def test_a_schema_of_no_subject_is_named(run_in: Run, tree: Path) -> None:
    (tree / "docs/schemas/clip.lost.json").write_text("{}")
    done = run_in(*GATES["references"])
    assert "docs/schemas/clip.lost.json belongs to no subject" in done.stdout
