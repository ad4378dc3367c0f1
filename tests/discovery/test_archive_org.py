"""The Internet Archive, imitated as its answers are known to be, faults included."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from actors.discovery.adapters.archive_org import ArchiveOrg
from actors.discovery.adapters.http import open_client
from actors.discovery.ports import Findings, SourceError
from actors.discovery.ports import Query as Wanted
from contracts.media import Candidate
from tests.discovery.web import Query, Reply, Web, as_json, serving
from tests.support.work import NOW

ITEM = {
    "identifier": "bees-2026",
    "title": "How bees find home",
    "description": "<p>About&nbsp;bees<br>and &amp; more</p><script src=x></script>",
    "creator": ["Ada", "Bo"],
    "publicdate": "2026-11-20T08:00:00Z",
    "runtime": "1:02:03",
    "downloads": 321,
    "week": 12,
    "licenseurl": "https://creativecommons.org/licenses/by-sa/4.0/",
    "subject": ["bees; science", "nature"],
    "language": "eng",
}


def results(*docs: dict[str, Any]) -> Reply:
    return as_json(
        {"responseHeader": {"status": 0}, "response": {"numFound": len(docs), "start": 0, "docs": list(docs)}}
    )


async def ask(
    answer: Callable[[str, Query], Reply],
    *,
    niche: str = "bees",
    since_days: float | None = None,
    patience_s: float = 5,
) -> tuple[list[Candidate], Findings, Web]:
    found = Findings(25)
    since = None if since_days is None else NOW - timedelta(days=since_days)
    with serving(answer) as web:
        async with open_client(patience_s=patience_s) as client:
            source = ArchiveOrg(client, base_url=web.url + "/", patience_s=patience_s)
            await source.search(Wanted(niche=niche, limit=25, now=NOW, since=since), found)
    return list(found.candidates.values()), found, web


async def fails(answer: Callable[[str, Query], Reply], **how: Any) -> str:
    with pytest.raises(SourceError) as caught:
        await ask(answer, **how)
    assert caught.value.advice
    return str(caught.value)


async def test_an_item_becomes_a_candidate_with_all_that_is_told() -> None:
    (candidate,), _, web = await ask(lambda path, query: results(ITEM))
    assert candidate.candidate_id == "archive_org:bees-2026"
    assert candidate.url == "https://archive.org/details/bees-2026"
    assert candidate.description == "About bees\nand & more"
    assert (candidate.author, candidate.views, candidate.duration) == ("Ada, Bo", 321, 3723)
    assert candidate.published_at == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert (candidate.likes, candidate.comments) == (None, None)
    assert (candidate.tags, candidate.language) == (("bees", "science", "nature"), "en")
    rights = candidate.rights
    assert (rights.status, rights.licence, rights.owner) == ("licensed", "CC-BY-SA-4.0", "Ada, Bo")
    assert rights.attribution == "“How bees find home” by Ada, Bo (CC-BY-SA-4.0, https://archive.org/details/bees-2026)"
    ((path, asked),) = web.asked
    assert path == "/advancedsearch.php"
    assert asked["q"] == ["(bees) AND mediatype:movies"]
    assert (asked["rows"], asked["output"], asked["sort[]"]) == (["25"], ["json"], ["week desc"])
    assert {"identifier", "licenseurl", "publicdate", "runtime"} <= set(asked["fl[]"])
    assert all(agent.startswith("clipwire/") for agent in web.agents)


async def test_an_item_that_tells_only_its_identifier_has_nothing_invented() -> None:
    (candidate,), _, _ = await ask(lambda path, query: results({"identifier": "x"}))
    told = candidate.model_dump(exclude_defaults=True)
    assert set(told) == {"candidate_id", "url", "title", "source", "thumbnail_url"}
    assert candidate.title == "x"
    assert candidate.rights.status == "unknown"


@pytest.mark.parametrize(
    ("url", "status", "licence"),
    [
        ("http://creativecommons.org/publicdomain/mark/1.0/", "licensed", "CC-PDM-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "licensed", "CC0-1.0"),
        (["http://creativecommons.org/licenses/by/3.0/us/"], "licensed", "CC-BY-3.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0/", "unknown", "CC-BY-NC-ND-4.0"),
        ("https://example.org/my-licence", "unknown", None),
        (None, "unknown", None),
    ],
)
async def test_the_licence_address_says_what_may_be_done(url: Any, status: str, licence: str | None) -> None:
    (candidate,), _, _ = await ask(lambda path, query: results({**ITEM, "licenseurl": url}))
    assert (candidate.rights.status, candidate.rights.licence) == (status, licence)


async def test_odd_items_are_left_out_and_told() -> None:
    odd = ({"title": "no id"}, {**ITEM, "identifier": "not a key!"})
    candidates, found, _ = await ask(lambda path, query: results(*odd, ITEM))
    assert [candidate.candidate_id for candidate in candidates] == ["archive_org:bees-2026"]
    assert found.notes == ["2 items whose description could not be read were left out"]


async def test_fields_of_any_type_do_no_harm() -> None:
    strange = {**ITEM, "downloads": "7", "runtime": ["90 seconds"], "title": ["A", "B"], "creator": {"x": 1}}
    strange |= {"subject": None, "language": ["Klingon"], "publicdate": "yesterday", "description": [1, None]}
    (candidate,), _, _ = await ask(lambda path, query: results(strange))
    assert (candidate.views, candidate.duration, candidate.title) == (7, 90, "A B")
    assert (candidate.author, candidate.language, candidate.published_at) == (None, None, None)


async def test_operators_in_the_niche_are_only_words() -> None:
    _, _, web = await ask(lambda path, query: results(), niche='c++ OR (title:"x") NOT [a TO b]')
    ((_, asked),) = web.asked
    assert asked["q"] == [r"(c\+\+ AND or AND \(title\:\"x\"\) AND not AND \[a AND to AND b\]) AND mediatype:movies"]


async def test_only_what_was_published_since_then_is_found() -> None:
    older = {**ITEM, "identifier": "older", "publicdate": "2026-11-14T11:00:00Z"}
    undated = {"identifier": "undated"}
    candidates, _, web = await ask(lambda path, query: results(ITEM, older, undated), since_days=7)
    assert [candidate.candidate_id for candidate in candidates] == ["archive_org:bees-2026"]
    assert "publicdate:[2026-11-14 TO 2026-11-22]" in web.asked[0][1]["q"][0]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_server_is_asked_again_after_its_retry_after(status: int) -> None:
    replies = iter([as_json({}, status, **{"Retry-After": "0"}), results(ITEM)])
    candidates, _, web = await ask(lambda path, query: next(replies))
    assert len(candidates) == 1
    assert len(web.asked) == 2


async def test_a_wait_that_is_too_long_is_told_at_once() -> None:
    text = await fails(lambda path, query: as_json({}, 429, **{"Retry-After": "120"}))
    assert "too busy" in text
    assert "it asks to wait 120 s" in text


async def test_a_wait_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert "it asks to wait 3" in await fails(lambda path, query: as_json({}, 503, **{"Retry-After": later}))


async def test_html_instead_of_json_says_what_to_check() -> None:
    text = await fails(lambda path, query: Reply(b"<html>down</html>", 200, {"Content-Type": "text/html"}))
    assert "no whole JSON but text/html" in text
    assert "CLIPWIRE_ARCHIVE_ORG_BASE_URL" in text


async def test_json_that_ends_in_the_middle_is_told() -> None:
    assert "no whole JSON" in await fails(lambda path, query: Reply(results(ITEM).body[:80]))


async def test_a_connection_that_breaks_off_is_told() -> None:
    assert "broke off" in await fails(lambda path, query: Reply(results(ITEM).body, cut=40))


@pytest.mark.parametrize("body", [{"error": "bad query"}, {"response": {"docs": "no"}}, {"response": {"docs": [1]}}])
async def test_an_answer_of_another_shape_is_told(body: dict[str, Any]) -> None:
    assert "sent no list of results" in await fails(lambda path, query: as_json(body))


async def test_a_json_list_is_told() -> None:
    assert "a JSON list" in await fails(lambda path, query: as_json([]))


async def test_a_redirect_and_an_error_status_are_told() -> None:
    assert "HTTP 301 to https://x/" in await fails(lambda path, query: as_json({}, 301, Location="https://x/"))
    assert "HTTP 403" in await fails(lambda path, query: as_json({}, 403))


async def test_an_answer_without_end_is_cut_off() -> None:
    assert "more than 16 MB" in await fails(lambda path, query: Reply(b" " * (17 << 20)))


async def test_a_server_that_never_answers_ends_in_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        await ask(lambda path, query: Reply(hang=True), patience_s=0.2)


async def test_a_server_that_is_not_there_is_told() -> None:
    with serving(lambda path, query: results()) as web:
        pass
    async with open_client(patience_s=2) as client:
        source = ArchiveOrg(client, base_url=web.url, patience_s=2)
        with pytest.raises(SourceError, match="cannot be reached"):
            await asyncio.wait_for(source.search(Wanted(niche="x", limit=1, now=NOW), Findings(1)), 5)
