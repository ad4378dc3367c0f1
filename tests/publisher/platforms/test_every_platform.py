"""What holds on every platform, whatever the network does: one post with the right bytes, or a person is asked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from actors.publisher.ports import UnconfirmedError
from contracts.subjects import PUBLISH_PLANNED, PUBLISH_REQUESTED
from runtime.errors import Reject
from tests.publisher.platforms.cases import CASES
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.linkedin_server import LINKEDIN_ORGANIZATION
from tests.publisher.platforms.server import Fault
from tests.publisher.support import START
from tests.support.work import deliver

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "publishing.md"
OTHERS: tuple[Fault, ...] = tuple(fault for fault in get_args(Fault) if fault not in {"slow", "after"})


@pytest.fixture(params=sorted(CASES))
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kit]:
    case = CASES[request.param]
    server = case.server()
    with server.running():
        async with Kit(case, server, tmp_path) as kit:
            yield kit


async def test_a_short_is_posted_whole(kit: Kit) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert kit.server.posted == [kit.sent(render)]


async def test_a_fault_at_any_request_leads_to_one_post_or_to_a_person(kit: Kit) -> None:
    """At every request the one that lies most, an answer that is lost, and another in turn; `make reliability` mixes
    them all."""
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    count, whole = len(kit.server.requests), kit.sent(render)
    faults: list[tuple[int, Fault]] = [(place, "after") for place in range(count)]
    faults += [(place, OTHERS[place % len(OTHERS)]) for place in range(count)]
    for place, fault in faults:
        async with kit.afresh() as again:
            again.server.fail_at(place, fault)
            outcome = await again.drive(again.request(render))
            assert outcome in {"done", "unconfirmed"}, (place, fault, outcome)
            assert again.server.posted in ([whole], [] if outcome == "unconfirmed" else [whole])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_worker_that_dies_at_any_step_leads_to_one_post_or_to_a_person(kit: Kit, after: bool) -> None:
    render, at, died = await kit.render(), 0, True
    whole = kit.sent(render)
    while died:
        at += 1
        async with kit.afresh() as again:
            died = await again.killed(again.request(render), at=at, after=after)
            outcome = await again.drive(again.request(render)) if died else "done"
            assert outcome in {"done", "unconfirmed"}, (at, outcome)
            assert again.server.posted in ([whole], [] if outcome == "unconfirmed" else [whole])
    assert at > 5


async def test_the_dry_run_shows_the_requests_that_are_sent_and_sends_none(kit: Kit) -> None:
    render = await kit.render()
    plan = await kit.rehearsal().plan(kit.request(render))
    assert not kit.server.requests
    text = plan.model_dump_json()
    secrets = [kit.case.tokens.access, kit.case.tokens.refresh, *kit.case.tokens.more.values()]
    public = {*kit.case.details.values(), kit.case.account}
    assert not [secret for secret in secrets if secret and secret not in public and secret in text]
    assert all(rule.kept for rule in plan.rules)
    assert await kit.drive(kit.request(render)) == "done"
    sent = [f"{each.method} {each.path}" for each in kit.server.requests if each.method != "GET"]
    shown = [f"{call.method} {call.url.removeprefix(kit.server.url).partition('?')[0]}" for call in plan.calls]
    unseen = [each for each in shown if not each.startswith("GET") and not _among(each, sent)]
    assert not unseen, sent


async def test_a_time_is_kept_by_the_platform_or_here(kit: Kit) -> None:
    render, at = await kit.render(), START + timedelta(hours=2)
    request = kit.request(render, publish_at=at)
    work = await deliver(kit.publisher(), PUBLISH_REQUESTED, request)
    if kit.platform.limits.schedules is None:
        assert not kit.server.requests, "nothing is sent ahead"
        assert [planned.at for planned in work.of(PUBLISH_PLANNED)] == [at]
        assert await kit.drive(request) == "done"
        assert at <= kit.bench.clock() < at + timedelta(minutes=5)
    else:
        assert await kit.drive(request) == "done"
        assert kit.bench.clock() < at and not kit.bench.timers.set
        assert datetime.fromisoformat((await kit.published(request))["published_at"]) == at
    assert kit.server.posted == [kit.sent(render)]


async def test_what_is_out_is_found_counted_and_taken_down_as_is_told(kit: Kit) -> None:
    """`docs/publishing.md` tells it in a table."""
    render = await kit.render()
    order = kit.request(render)
    assert await kit.drive(order) == "done"
    out, session = await kit.published(order), await kit.session()
    ident, told = out["platform_id"], _told(kit.platform.name)
    post = kit.post(await kit.render(), out["description"])
    organization = kit.case.account == LINKEDIN_ORGANIZATION.account
    if told["found again"].startswith("no") or (told["found again"] == "company pages only" and not organization):
        with pytest.raises(UnconfirmedError):
            await kit.platform.find(session, post)
    else:
        found = await kit.platform.find(session, post)
        assert found is not None and found.platform_id == ident
    counted = await kit.platform.metrics(session, [ident])
    assert (ident in counted) == (told["counts"] == "yes"), counted
    if told["deleted"] == "yes":
        for _ in range(2):
            await kit.platform.delete(session, ident)
    else:
        with pytest.raises(Reject):
            await kit.platform.delete(session, ident)


def _told(platform: str) -> dict[str, str]:
    """A row of the table, by its heads."""
    lines = DOCUMENT.read_text().splitlines()
    heads = next(line for line in lines if line.startswith("| platform "))
    row = next(line for line in lines if line.startswith(f"| `{platform}` "))
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in (heads, row)]
    return dict(zip(*cells, strict=True))


def _among(shown: str, sent: list[str]) -> bool:
    """Whether one was sent that looks like this; `{…}` stands for what only an answer told."""
    pattern = re.sub(r"\\{[^}]*\\}", ".*", re.escape(shown))
    return any(re.fullmatch(pattern, each) for each in sent)
