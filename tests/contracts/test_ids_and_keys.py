"""Ids are deterministic, and nothing that a stranger names leaves the folder it belongs to."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts import keys
from contracts.base import AccountId, CandidateId, MediaUri
from contracts.envelope import Event
from contracts.events import RenderRequested
from contracts.ids import candidate_id_for_url, digest, event_id, publication_id, render_id
from contracts.renders import Recipe

CANDIDATE = TypeAdapter(CandidateId)
ACCOUNT = TypeAdapter(AccountId)
URI = TypeAdapter(MediaUri)

platforms = st.from_regex(r"[a-z0-9_]{1,32}", fullmatch=True)
natives = st.from_regex(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,199}", fullmatch=True)
ids = st.builds(lambda platform, native: f"{platform}:{native}", platforms, natives)


@given(st.text(max_size=300))
def test_what_is_taken_for_a_candidate_id_stays_below_its_folder(text: str) -> None:
    try:
        candidate = CANDIDATE.validate_python(text)
    except ValidationError:
        return
    for uri in (keys.candidate_uri(candidate), keys.clip_uri(candidate), keys.analysis_uri(candidate)):
        assert ".." not in URI.validate_python(uri).split("/")


@given(ids)
def test_every_id_makes_valid_keys_of_its_own(candidate: str) -> None:
    made = [
        keys.candidate_uri(candidate),
        keys.clip_uri(candidate),
        keys.transcript_uri(candidate),
        keys.analysis_uri(candidate),
    ]
    assert len({URI.validate_python(uri) for uri in made}) == len(made)
    assert keys.clip_uri(candidate).startswith(f"{keys.clip_prefix(candidate)}/")


@given(ids, ids)
def test_two_candidates_never_share_a_folder(one: str, other: str) -> None:
    assert (one == other) == (keys.clip_prefix(one) == keys.clip_prefix(other))


@pytest.mark.parametrize(
    "text",
    [
        "youtube:../../etc/passwd",
        "youtube:..",
        "youtube:.hidden",
        "youtube:a/b",
        "youtube:a\\b",
        "youtube:a%2fb",
        "youtube:",
        ":abc",
        "You:abc",
        "youtube:a\nb",
        "youtube:a\n",
        "youtube:a b",
        "youtube:" + "a" * 201,
        "nocolon",
    ],
)
def test_an_id_that_could_lead_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        CANDIDATE.validate_python(text)
    with pytest.raises(ValidationError):
        ACCOUNT.validate_python(text)


@pytest.mark.parametrize(
    "uri",
    [
        "media://",
        "media:///etc/passwd",
        "media://a/../b",
        "media://a/..",
        "media://../a",
        "media://a//b",
        "media://a/",
        "media://.a",
        "media://a/.part",
        "media://a\\b",
        "media://a/b\n",
        "file:///etc/passwd",
    ],
)
def test_a_media_key_that_could_lead_elsewhere_is_refused(uri: str) -> None:
    with pytest.raises(ValidationError):
        URI.validate_python(uri)


@given(st.text(max_size=200))
def test_any_address_makes_a_valid_candidate_id(url: str) -> None:
    try:
        ident = candidate_id_for_url(url)
    except ValueError:  # not an address at all; `CandidateApproved` refuses it before
        return
    assert CANDIDATE.validate_python(ident) == ident
    assert candidate_id_for_url(url) == ident


@pytest.mark.parametrize(
    ("url", "ident"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "youtube:dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ", "youtube:dQw4w9WgXcQ"),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "youtube:dQw4w9WgXcQ"),
        ("https://archive.org/details/deep-sea", "archive_org:deep-sea"),
    ],
)
def test_one_video_under_several_addresses_is_one_candidate(url: str, ident: str) -> None:
    assert candidate_id_for_url(url) == ident


@given(st.text(), st.text(), st.text())
def test_event_ids_are_the_same_for_the_same_cause(cause: str, subject: str, key: str) -> None:
    assert event_id(cause, subject, key) == event_id(cause, subject, key)
    assert event_id(cause, subject, key) != event_id(f"{cause}x", subject, key)


@given(ids, st.integers(0, 10**7), st.integers(1, 10**5))
def test_a_render_id_follows_from_clip_span_and_recipe_alone(clip: str, start_ms: int, length_ms: int) -> None:
    start, end = start_ms / 1000, (start_ms + length_ms) / 1000
    first = RenderRequested(clip_id=clip, start=start, end=end, title="one", reason="because")
    again = RenderRequested(clip_id=clip, start=start, end=end, title="another", requested_by="somebody")
    other = RenderRequested(clip_id=clip, start=start, end=end, recipe=Recipe(width=720, height=1280))
    assert first.render_id == again.render_id == render_id(clip, start, end, {})
    assert other.render_id != first.render_id
    assert re.fullmatch(r"r_[0-9a-f]{20}", first.render_id)


@given(ids)
def test_a_publication_happens_once_per_account(account: str) -> None:
    render = "r_" + "0" * 20
    assert publication_id(render, account) == publication_id(render, account)
    assert re.fullmatch(r"p_[0-9a-f]{20}", publication_id(render, account))


@given(st.lists(st.one_of(st.text(), st.integers(), st.none())))
def test_a_digest_is_twenty_hexadecimal_digits(parts: list[object]) -> None:
    assert re.fullmatch(r"[0-9a-f]{20}", digest(*parts))


@given(st.text(min_size=1, max_size=300).filter(lambda text: text.strip() == text), ids)
def test_any_text_survives_the_envelope(title: str, clip: str) -> None:
    data = RenderRequested(clip_id=clip, start=0, end=1, title=title)
    event = Event[RenderRequested](
        id="1", source="test", type="render.requested", time="2026-11-21T09:00:00Z", data=data, subject=data.key
    )
    assert Event[RenderRequested].model_validate_json(event.to_json()) == event
