"""What was once sent must be understood for ever: one committed sample per subject and version."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.export import schemas
from contracts.envelope import Event
from contracts.subjects import BY_NAME, COMMANDS, SUBJECTS
from runtime.envelope import StoredEvent

SAMPLES = sorted((Path(__file__).parent / "samples").rglob("*.json"))
SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"
BARE = {
    "discovery.requested": {"niche": "ai tools"},
    "candidate.approved": {"url": "https://example.org/talk.mp4"},
    "render.requested": {"clip_id": "youtube:dQw4w9WgXcQ", "start": 12.0, "end": 41.5},
    "publish.requested": {"render_id": "r_" + "0" * 20, "account_id": "outbox:default"},
    "candidate.rejected": {"candidate_id": "youtube:dQw4w9WgXcQ"},
    "render.rejected": {"render_id": "r_" + "0" * 20},
}


def test_every_subject_has_a_sample() -> None:
    assert {path.stem for path in SAMPLES} >= {subject.name for subject in SUBJECTS}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_old_sample_still_parses_to_the_same_content(path: Path) -> None:
    body = path.read_bytes()
    stored = StoredEvent(sequence=1, subject=path.stem, time=datetime(2026, 11, 21, tzinfo=UTC), body=body)
    event = stored.event()
    assert isinstance(event.data, BY_NAME[path.stem].model)
    _contained(json.loads(body), json.loads(event.to_json()), path.stem)


def _contained(old: object, new: object, where: str) -> None:
    """Everything that the old one says, the new one says; it may say more."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            assert key in new, f"{where}.{key} is gone"
            _contained(value, new[key], f"{where}.{key}")
    elif isinstance(old, list) and isinstance(new, list):
        assert len(old) == len(new), where
        for index, (left, right) in enumerate(zip(old, new, strict=True)):
            _contained(left, right, f"{where}.{index}")
    else:
        assert old == new, where


@pytest.mark.parametrize("subject", COMMANDS, ids=str)
def test_the_smallest_body_of_a_command_is_enough(subject: object) -> None:
    body = json.dumps(BARE[str(subject)]).encode()
    stored = StoredEvent(sequence=7, subject=str(subject), time=datetime(2026, 11, 21, tzinfo=UTC), body=body)
    event = stored.event()
    assert event.type == str(subject)
    assert event == stored.event()


@pytest.mark.parametrize("name", [*BY_NAME, "envelope", "progress", "timeline"])
def test_the_committed_schema_is_what_the_contract_says(name: str) -> None:
    committed = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    assert committed == schemas()[name], (
        f"docs/schemas/{name}.json is stale, or a contract was changed: make references"
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_event_survives_its_round_trip(path: Path) -> None:
    model: Any = Event.__class_getitem__(BY_NAME[path.stem].model)
    event = model.model_validate_json(path.read_bytes())
    assert model.model_validate_json(event.to_json()) == event
