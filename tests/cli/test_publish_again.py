"""`clipwire publish` of what is out already says so, with its address."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

from contracts import asks
from contracts.events import PublishRequested
from contracts.work import Publication
from runtime.bus import Bus
from tests.cli.conftest import run_cli

RENDER = "r_" + "0" * 20
OUT = PublishRequested(render_id=RENDER, account_id="tube:alice")


async def published(asked: asks.WhichPublications) -> asks.Published:
    """A publisher by whom one is out."""
    publication = Publication(
        publication_id=OUT.publication_id,
        render_id=RENDER,
        account_id=OUT.account_id,
        platform="tube",
        platform_id="42",
        url="https://tube.example/42",
        published_at=datetime(2026, 11, 20, 17, tzinfo=UTC),
        title="A short",
    )
    return asks.Published(publications=(publication,) if OUT.publication_id in asked.publication_ids else ())


async def clipwire(nats_url: str, folder: Path, *more: str) -> str:
    env = {"CLIPWIRE_NATS_URL": nats_url, "CLIPWIRE_HOME": str(folder / "home"), "TZ": "UTC"}
    accounts = ("--account", "tube:alice", "--account", "tube:bob")
    done = await asyncio.to_thread(run_cli, folder, "publish", RENDER, *accounts, *more, **env)
    assert done.returncode == 0, done.stderr
    return str(done.stdout + done.stderr)


async def test_what_is_out_is_told_with_its_address_and_the_rest_is_ordered(
    bus: Bus, nats_url: str, tmp_path: Path
) -> None:
    async with bus.answering({asks.PUBLISHED: published}):
        said = " ".join((await clipwire(nats_url, tmp_path)).split())
        told = json.loads(await clipwire(nats_url, tmp_path, "--json"))
    assert f"out already, since 2026-11-20 17:00 UTC: {OUT.publication_id} on tube:alice" in said
    assert "at https://tube.example/42" in said
    assert "ordered: p_" in said and "on tube:bob" in said
    assert [each.get("url") for each in told] == ["https://tube.example/42", None]


async def test_what_a_platform_keeps_until_its_time_is_moved_there(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    async def kept(asked: asks.WhichPublications) -> asks.Published:
        (out,) = (await published(asked)).publications
        return asks.Published(publications=(out.model_copy(update={"published_at": datetime(2126, 1, 1, tzinfo=UTC)}),))

    async with bus.answering({asks.PUBLISHED: kept}):
        said = " ".join((await clipwire(nats_url, tmp_path)).split())
    assert "tube has it already and shows it at 2126-01-01 00:00 UTC; another time is set there" in said


async def test_without_a_publisher_that_could_tell_it_is_ordered(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    said = await clipwire(nats_url, tmp_path)
    assert said.count("ordered: p_") == 2
