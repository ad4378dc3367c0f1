"""Who publishes what is out already is told so, and where it is."""

from __future__ import annotations

from pathlib import Path

from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.adapters.rehearsal import Rehearsal
from contracts import asks
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from tests.publisher.support import Bench, a_render, request
from tests.support.work import deliver


async def test_the_doors_are_told_what_is_out_and_where(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    rehearsal = Rehearsal(
        {"outbox": bench.outbox()},
        bench.sessions,
        media=bench.media,
        claims=bench.claims,
        channels=bench.channels,
        calendar=LedgerCalendar(bench.claims, clock=bench.clock, grace=120),
    )
    first, second = request(await a_render(bench.media)), request(await a_render(bench.media, start=30.0))
    which = asks.WhichPublications(publication_ids=(first.publication_id, second.publication_id))
    assert (await rehearsal.published(which)).publications == ()
    work = await deliver(bench.publisher(), PUBLISH_REQUESTED, first)
    (done,) = work.of(PUBLISH_DONE)
    assert (await rehearsal.published(which)).publications == (done.publication,)
    again = await deliver(bench.publisher(), PUBLISH_REQUESTED, first, event_id="again")
    assert again.emitted == {}
    assert again.notes == [(1.0, f"it is out already, at {done.publication.url}")]
