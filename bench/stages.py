"""The three empty stages of the pipeline benchmark: each takes an event and emits the next."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.events import CandidateRejected, DiscoveryRequested, MediaPurged, RenderRejected
from contracts.subjects import CANDIDATE_REJECTED, DISCOVERY_REQUESTED, MEDIA_PURGED, RENDER_REJECTED
from runtime.actor import Actor, Work
from runtime.serve import Resources, serve

SLOTS = 8


def build(stage: str) -> Actor:
    """Stage `one`, `two` or `three`."""
    actor = Actor(f"bench_{stage}", slots=SLOTS)

    async def one(request: DiscoveryRequested, work: Work) -> None:
        await work.emit(CANDIDATE_REJECTED, CandidateRejected(candidate_id=f"bench:{request.niche}"))

    async def two(rejected: CandidateRejected, work: Work) -> None:
        number = int(rejected.candidate_id.partition(":")[2])
        await work.emit(RENDER_REJECTED, RenderRejected(render_id=f"r_{number:020x}"))

    async def three(rejected: RenderRejected, work: Work) -> None:
        await work.emit(MEDIA_PURGED, MediaPurged(id=rejected.render_id, uris=(), bytes=0, rule="bench"))

    if stage == "one":
        actor.listen(DISCOVERY_REQUESTED)(one)
    elif stage == "two":
        actor.listen(CANDIDATE_REJECTED)(two)
    else:
        actor.listen(RENDER_REJECTED)(three)
    return actor


@asynccontextmanager
async def compose(_: Resources) -> AsyncIterator[Actor]:
    """The stage named on the command line."""
    yield build(sys.argv[1])


if __name__ == "__main__":
    serve(compose)
