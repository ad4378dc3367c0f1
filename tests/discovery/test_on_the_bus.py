"""Discovery as a whole, on a real NATS server: settings from the environment, sources over HTTP, the folder watched."""

from __future__ import annotations

from pathlib import Path

import pytest

from actors.discovery.__main__ import compose
from contracts.events import DiscoveryRequested
from contracts.subjects import CANDIDATE_FOUND, DISCOVERY_DONE, DISCOVERY_REQUESTED
from runtime.bus import Bus, new_command
from runtime.serve import open_resources
from tests.discovery.test_archive_org import ITEM, results
from tests.discovery.test_folder import put
from tests.discovery.web import Reply, serving
from tests.support.running import running, settings_for, stored, until


async def test_a_request_and_a_new_file_are_both_answered(
    bus: Bus, nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(nats_url, tmp_path / "home")
    with serving(lambda path, query: results(ITEM) if "advanced" in path else Reply(hang=True)) as web:
        monkeypatch.setenv("CLIPWIRE_FOLDER_POLL_S", "0.05")
        monkeypatch.setenv("CLIPWIRE_ARCHIVE_ORG_BASE_URL", web.url)
        monkeypatch.setenv("CLIPWIRE_YOUTUBE_BASE_URL", web.url)
        monkeypatch.setenv("CLIPWIRE_YOUTUBE_API_KEY", "AIza-secret")
        monkeypatch.setenv("CLIPWIRE_DISCOVERY_SOURCE_TIMEOUT_S", "0.5")
        async with open_resources(settings) as resources, compose(resources) as actor, running(actor, settings):
            request = DiscoveryRequested(niche="bees", scan_id="by-hand")
            await bus.publish(new_command(DISCOVERY_REQUESTED, request, source="test"))
            put(tmp_path / "home" / "inbox", "a.mp4")

            async def both_done() -> bool:
                return len(await stored(bus, DISCOVERY_DONE.name)) == 2

            await until(both_done)
    ends = [event.event().data for event in await stored(bus, DISCOVERY_DONE.name)]
    by_hand = next(end for end in ends if end.scan_id == "by-hand")
    statuses = {report.source: report.status for report in by_hand.sources}
    assert statuses == {"folder": "ok", "archive_org": "ok", "youtube": "timeout"}
    watched = next(end for end in ends if end.scan_id != "by-hand")
    assert (watched.niche, watched.found) == ("inbox", 1)
    found = [event.event().data for event in await stored(bus, CANDIDATE_FOUND.name)]
    assert "archive_org:bees-2026" in {one.candidate.candidate_id for one in found}
    assert [one.candidate.title for one in found if one.scan_id == watched.scan_id] == ["a"]
    assert b"AIza-secret" not in b"".join(event.body for event in await stored(bus))
