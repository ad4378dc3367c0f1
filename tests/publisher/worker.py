"""A process that publishes renders on an outbox: `python -m tests.publisher.worker FOLDER ACCOUNT RENDER_ID…`.

Says the id of each publication on a line of its own, once it is out.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import httpx

from actors.publisher.adapters.platforms.outbox import Outbox
from actors.publisher.adapters.session import OpenSessions
from actors.publisher.store import ClaimedSteps, now
from contracts.keys import render_uri
from contracts.renders import Render
from runtime.media import FileMediaStore
from tests.publisher.support import post_of
from tests.support.claims import MemoryClaims


async def _unheard(done: float) -> None:
    return None


async def main(folder: Path, account: str, renders: list[str]) -> None:
    media = FileMediaStore(folder / "media")
    outbox = Outbox(folder / "outbox", media=media)
    claims = MemoryClaims()
    sessions = OpenSessions(None, httpx.AsyncClient(), clock=now)
    for ident in renders:
        steps = ClaimedSteps(claims, await claims.take(ident, "worker"), clock=now, quarantine=0, patience=60)
        post = post_of(await media.read(render_uri(ident), Render), account)
        session = await sessions.open(outbox, post.account_id, _unheard)
        await outbox.publish(session, post, steps)
        sys.stdout.write(f"{post.publication_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
