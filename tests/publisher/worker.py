"""A process that publishes renders on an outbox: `python -m tests.publisher.worker FOLDER ACCOUNT RENDER_ID…`.

Says the id of each publication on a line of its own, once it is out.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from actors.publisher.adapters.outbox import Outbox
from contracts.keys import render_uri
from contracts.renders import Render
from runtime.media import FileMediaStore
from tests.publisher.support import post_of


async def _note(**data: object) -> None:
    return None


async def main(folder: Path, account: str, renders: list[str]) -> None:
    media = FileMediaStore(folder / "media")
    outbox = Outbox(folder / "outbox", media=media)
    for ident in renders:
        post = post_of(await media.read(render_uri(ident), Render), account)
        await outbox.publish(post, {}, _note)
        sys.stdout.write(f"{post.publication_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
