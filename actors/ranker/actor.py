"""candidate.found -> candidate.ranked"""

from __future__ import annotations

from actors.ranker.core import METHOD, rank
from actors.ranker.settings import RankerSettings
from contracts.events import CandidateFound, CandidateRanked
from contracts.subjects import CANDIDATE_FOUND, CANDIDATE_RANKED
from runtime.actor import Actor, Work


def build(*, settings: RankerSettings) -> Actor:
    """The ranker: a pure score, so it needs nothing but its settings."""
    actor = Actor("ranker", slots=settings.ranker_slots)

    @actor.listen(CANDIDATE_FOUND)
    async def on_candidate_found(found: CandidateFound, work: Work) -> None:
        score, parts = rank(found.candidate, niche=found.niche, now=work.event.time)
        ranked = CandidateRanked(
            **found.model_dump(exclude={"candidate"}),
            candidate=found.candidate,
            score=score,
            parts=parts,
            method=METHOD,
        )
        await work.emit(CANDIDATE_RANKED, ranked)

    return actor
