"""One upload: `python -m bench.upload_client adapter|bare URL FILE` prints its seconds and the peak of its memory."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import uvloop

from actors.publisher.adapters.http import HttpApi, open_client
from actors.publisher.adapters.platforms.youtube import YouTube, YouTubeSettings
from actors.publisher.adapters.session import AccountSession, Time
from actors.publisher.ports import Film, Post, Tokens
from actors.publisher.store import ClaimedSteps, now
from contracts.media import MediaRef, Rights
from contracts.publishing import Account
from contracts.renders import Recipe, Render
from runtime.claims import Claim

CHUNK = 1 << 20


class MemoryClaims:
    """One claim, in memory."""

    async def take(self, key: str, owner: str) -> Claim:
        return Claim(key=key, step="taken", owner=owner, data={}, revision=1)

    async def advance(self, claim: Claim, step: str, *, owner: str | None = None, **data: Any) -> Claim:
        return claim.model_copy(update={"step": step, "data": {**claim.data, **data}, "revision": claim.revision + 1})

    async def get(self, key: str) -> Claim | None:
        return None


async def adapter(url: str, film: Path) -> float:
    """Seconds of the whole publication: opening the upload, sending it, asking what became of it, its thumbnail."""
    platform = YouTube(YouTubeSettings(_env_file=None, youtube_base_url=url))
    account = Account(account_id="youtube:UC1", platform="youtube", title="bench", connected_at=now())
    post, claims = _post(film), MemoryClaims()
    steps = ClaimedSteps(claims, await claims.take("bench", "bench"), clock=now, quarantine=120, patience=7200)
    async with open_client({"127.0.0.1"}) as client:
        api, clock = HttpApi(client, "youtube"), Time(now, asyncio.sleep)
        session = AccountSession(None, api, account, Tokens(access="token"), time=clock, report=_unheard)
        began = time.perf_counter()
        posted = await platform.publish(session, post, steps)
        took = time.perf_counter() - began
    if posted.notes:
        raise SystemExit(f"bench: {posted.notes}")
    return took


async def bare(url: str, film: Path) -> float:
    """Seconds of one PUT of all bytes."""
    size = film.stat().st_size

    async def chunks() -> AsyncIterator[bytes]:
        with film.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    async with httpx.AsyncClient(timeout=600) as client:
        began = time.perf_counter()
        answer = await client.put(f"{url}/upload", content=chunks(), headers={"Content-Length": str(size)})
        answer.raise_for_status()
        return time.perf_counter() - began


def _post(film: Path) -> Post:
    cover = film.with_name("cover.jpg")
    cover.write_bytes(b"a picture" * 1000)
    kept = MediaRef(uri="media://renders/bench/film.mp4", bytes=film.stat().st_size, sha256="0" * 64, content_type="")
    render = Render(
        render_id="r_00000000000000000000",
        clip_id="file:bench",
        start=0.0,
        end=60.0,
        recipe=Recipe(),
        title="Bench",
        video=kept,
        thumbnail=kept,
        duration=60.0,
        width=1080,
        height=1920,
        fps=30.0,
        encoder="libx264",
        seconds_spent=0.0,
        rights=Rights(status="owned"),
    )
    return Post(
        publication_id="p_00000000000000000000",
        account_id="youtube:UC1",
        account="UC1",
        render=render,
        film=Film(film, kept.bytes, kept.sha256, "video/mp4", 1080, 1920, 60.0, 30.0),
        cover=cover,
        captions=None,
        title="Bench",
        description="",
    )


async def _unheard(done: float) -> None:
    return None


if __name__ == "__main__":
    side, url, file = sys.argv[1:]
    seconds = uvloop.run((adapter if side == "adapter" else bare)(url, Path(file)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mib": peak}))
