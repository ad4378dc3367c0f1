"""What holds on every platform, whatever the network does: one post with the right bytes, or a person is asked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest

from tests.publisher.platforms.cases import CASES
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import Fault

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
    count = len(kit.server.requests)
    faults: list[tuple[int, Fault]] = [(place, "after") for place in range(count)]
    faults += [(place, OTHERS[place % len(OTHERS)]) for place in range(count)]
    for place, fault in faults:
        server = kit.case.server()
        with server.running():
            async with Kit(kit.case, server, kit.bench.folder.parent / f"{place}-{fault}") as again:
                other = await again.render()
                server.fail_at(place, fault)
                outcome = await again.drive(again.request(other))
                assert outcome in {"done", "unconfirmed"}, (place, fault, outcome)
                assert server.posted in ([again.sent(other)], [] if outcome == "unconfirmed" else [again.sent(other)])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_worker_that_dies_at_any_step_leads_to_one_post_or_to_a_person(kit: Kit, after: bool) -> None:
    at, died = 0, True
    while died:
        at += 1
        server = kit.case.server()
        with server.running():
            async with Kit(kit.case, server, kit.bench.folder.parent / f"{at}") as again:
                render = await again.render()
                died = await again.killed(again.request(render), at=at, after=after)
                outcome = await again.drive(again.request(render)) if died else "done"
                assert outcome in {"done", "unconfirmed"}, (at, outcome)
                assert server.posted in ([again.sent(render)], [] if outcome == "unconfirmed" else [again.sent(render)])
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


def _among(shown: str, sent: list[str]) -> bool:
    """Whether one was sent that looks like this; `{…}` stands for what only an answer told."""
    pattern = re.sub(r"\\{[^}]*\\}", ".*", re.escape(shown))
    return any(re.fullmatch(pattern, each) for each in sent)
