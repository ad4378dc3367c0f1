"""What a stranger may send: sizes that the read models take, and no video under another one's rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.base import MediaUri
from contracts.envelope import Event
from contracts.events import (
    ApprovalAsked,
    CandidateApproved,
    CandidateFound,
    CandidateRanked,
    DiscoveryDone,
    DiscoveryRequested,
    MediaArchived,
    MediaPurged,
    RenderRequested,
    WorkFailed,
)
from contracts.ids import candidate_id_for_url
from contracts.subjects import COMMANDS, Subject
from contracts.work import Failure

LONG = "x" * 301
REF = {"uri": "media://a/b.json", "bytes": 1, "sha256": "0" * 64, "content_type": "application/json"}
CANDIDATE = {"candidate_id": "web:a", "url": "https://example.org/a", "title": "A", "source": "web"}
FOUND = {"candidate": CANDIDATE, "niche": "cats", "scan_id": "s"}
FAILURE = {
    "stage": "ranker",
    "subject": "candidate.found",
    "event_id": "1",
    "entity": "web:a",
    "kind": "rejected",
    "what": "it did not work",
    "advice": "try another",
}
ENVELOPE = {
    "id": "1",
    "source": "test",
    "type": "media.purged",
    "time": "2026-11-21T12:00:00Z",
    "data": {"id": "a", "uris": [], "bytes": 0, "rule": "r"},
}


@pytest.mark.parametrize(
    ("model", "body", "field"),
    [
        (DiscoveryDone, {"scan_id": "s", "niche": "cats", "found": 0, "sources": []}, "scan_id"),
        (CandidateFound, FOUND, "scan_id"),
        (CandidateRanked, {**FOUND, "score": 0.5, "parts": [], "method": "m"}, "scan_id"),
        (Failure, FAILURE, "stage"),
        (Failure, FAILURE, "subject"),
        (Failure, FAILURE, "event_id"),
        (Failure, FAILURE, "entity"),
        (
            MediaArchived,
            {"about": "render", "id": "r", "manifest": REF, "files": [], "archived_at": "2026-11-21T12:00:00Z"},
            "id",
        ),
        (MediaPurged, ENVELOPE["data"], "id"),
        (
            ApprovalAsked,
            {
                "about": "render",
                "id": "r",
                "title": "A",
                "reason": "because",
                "yes": "publish.requested",
                "no": "render.rejected",
            },
            "id",
        ),
        (Event[MediaPurged], ENVELOPE, "source"),
        (Event[MediaPurged], ENVELOPE, "type"),
        (Event[MediaPurged], ENVELOPE, "subject"),
        (Event[MediaPurged], ENVELOPE, "correlationid"),
        (Event[MediaPurged], ENVELOPE, "causationid"),
    ],
)
def test_names_and_ids_that_are_looked_up_have_at_most_300_characters(
    model: Any, body: dict[str, Any], field: str
) -> None:
    assert model.model_validate({**body, field: LONG[1:]})
    with pytest.raises(ValidationError) as refused:
        model.model_validate({**body, field: LONG})
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


@pytest.mark.parametrize(
    ("model", "body", "most", "more"),
    [
        (DiscoveryRequested, {"niche": "cats"}, {"sources": ["x" * 64] * 50}, {"sources": ["x"] * 51}),
        (DiscoveryRequested, {"niche": "cats"}, {"sources": ["x"]}, {"sources": ["x" * 65]}),
        (RenderRequested, {"clip_id": "web:a", "start": 0, "end": 9}, {"reason": "x" * 1000}, {"reason": "x" * 1001}),
    ],
)
def test_a_command_is_bounded(model: Any, body: dict[str, Any], most: dict[str, Any], more: dict[str, Any]) -> None:
    assert model.model_validate({**body, **most})
    with pytest.raises(ValidationError):
        model.model_validate({**body, **more})


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_every_text_and_list_of_a_command_has_a_longest_one(command: Subject[Any]) -> None:
    """So that what fits its contract also fits on the bus, on the disk and into a file's name."""
    assert list(_boundless(command.model.model_json_schema(), command.name)) == []


def _boundless(schema: Any, place: str) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "array" and "maxItems" not in schema:
        yield place
    if schema.get("type") == "string" and not schema.keys() & {"maxLength", "enum", "const", "format"}:
        pattern = schema.get("pattern", "*")
        if not pattern.endswith("$") or "*" in pattern or "+" in pattern:
            yield place
    for name, part in schema.items():
        for number, one in enumerate(part if isinstance(part, list) else [part]):
            yield from _boundless(one, f"{place}/{name}/{number}")


@pytest.mark.parametrize("end", [1e308, 1e12, float("inf"), float("nan"), -1.0])
def test_a_time_is_one_that_can_be_counted_in(end: float) -> None:
    with pytest.raises(ValidationError):
        RenderRequested(clip_id="web:a", start=0, end=end)


@pytest.mark.parametrize(
    "uri", ["media://" + "a" * 256, "media://" + "/".join(["a" * 200] * 5), "media://a/", "media://.a"]
)
def test_a_media_key_is_one_that_a_disk_can_hold(uri: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(MediaUri).validate_python(uri)
    assert TypeAdapter(MediaUri).validate_python("media://" + "/".join(["a" * 195] * 5))


@pytest.mark.parametrize("field", ["what", "advice"])
def test_a_failure_is_told_in_a_few_pages_at_most(field: str) -> None:
    WorkFailed.model_validate({"failure": {**FAILURE, field: "x" * 4000}})
    with pytest.raises(ValidationError):
        WorkFailed.model_validate({"failure": {**FAILURE, field: "x" * 4001}})


@pytest.mark.parametrize(
    ("candidate_id", "url"),
    [
        ("youtube:dQw4w9WgXcQ", "https://example.org/pirated.mp4"),
        ("youtube:dQw4w9WgXcQ", "https://youtu.be/aaaaaaaaaaa"),
        ("archive_org:deep-sea", "file:///home/me/pirated.mp4"),
        ("folder:abc", "file:///home/me/other.mp4"),
    ],
)
def test_a_video_cannot_be_given_out_for_another_whose_rights_are_known(candidate_id: str, url: str) -> None:
    with pytest.raises(ValidationError, match=candidate_id) as refused:
        CandidateApproved(candidate_id=candidate_id, url=url)
    assert [error["loc"] for error in refused.value.errors()] == [("url",)]


@pytest.mark.parametrize(
    "url",
    ["https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://youtu.be/dQw4w9WgXcQ", "https://example.org/a.mp4"],
)
def test_an_address_may_come_with_the_candidate_that_it_is(url: str) -> None:
    ident = candidate_id_for_url(url)
    assert CandidateApproved(candidate_id=ident, url=url).key == CandidateApproved(url=url).key == ident
