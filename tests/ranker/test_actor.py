"""The ranker as an actor: one candidate in, one ranking out."""

from __future__ import annotations

from actors.ranker.actor import build
from actors.ranker.core import METHOD
from actors.ranker.settings import RankerSettings
from contracts.events import CandidateFound
from contracts.media import Candidate
from contracts.subjects import CANDIDATE_FOUND, CANDIDATE_RANKED
from tests.support.work import deliver

FOUND = CandidateFound(
    candidate=Candidate(candidate_id="folder:1", url="file:///a.mp4", title="AI tools", source="folder"),
    niche="ai tools",
    scan_id="scan-1",
    channel_id="tech",
)


async def test_a_found_candidate_is_ranked_with_its_parts() -> None:
    work = await deliver(build(settings=RankerSettings()), CANDIDATE_FOUND, FOUND)
    (ranked,) = work.of(CANDIDATE_RANKED)
    assert ranked.candidate == FOUND.candidate
    assert (ranked.niche, ranked.scan_id, ranked.channel_id) == ("ai tools", "scan-1", "tech")
    assert ranked.score == 1
    assert ranked.method == METHOD
    assert len(ranked.parts) == 5


async def test_a_second_delivery_emits_the_very_same_event() -> None:
    actor = build(settings=RankerSettings())
    first = await deliver(actor, CANDIDATE_FOUND, FOUND)
    second = await deliver(actor, CANDIDATE_FOUND, FOUND, attempt=2)
    assert first.emitted == second.emitted
