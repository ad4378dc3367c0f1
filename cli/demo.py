"""`clipwire demo`: from nothing to published shorts, with a video that it makes itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cli.display import display_for
from cli.make import complain, make_shorts
from cli.output import console, run
from cli.results import check_folder, print_table
from cli.sample import ensure_sample
from cli.sources import as_url
from contracts.events import CandidateApproved
from runtime.settings import RuntimeSettings

__all__ = ["demo"]


def demo(
    video: Annotated[str, typer.Option(help="A video of yours, or its address; unset: a sample is made.")] = "",
    clips: Annotated[int, typer.Option(min=1, max=50, help="How many shorts.")] = 4,
    out: Annotated[Path | None, typer.Option(help="Folder for them; unset: demo-out.")] = None,
) -> None:
    """Make shorts of a talking sample video through every actor, and publish them to the local outbox."""
    settings = RuntimeSettings() if "CLIPWIRE_HOME" in os.environ else RuntimeSettings(home=Path.cwd() / ".clipwire")
    folder = out or Path.cwd() / "demo-out"
    check_folder(folder)
    url = as_url(video) if video else _sample(settings.home)
    order = CandidateApproved(url=url, clips=clips, approved_by="demo")
    job, results = run(make_shorts(settings, order, folder, quiet=False))
    print_table(results)
    accounts = sorted({publication.account_id for publication in job.publications.values()})
    outbox = Path(os.environ.get("CLIPWIRE_OUTBOX_DIR") or settings.home / "outbox")
    for account in accounts:
        platform, _, name = account.partition(":")
        if platform == "outbox":
            console.print(f"outbox {account}: {outbox / name}", markup=False, soft_wrap=True)
    complain(job, len(results), clips)


def _sample(home: Path) -> str:
    with display_for(json=False) as display:
        video = ensure_sample(home, lambda what, share: display.report("sample video", "sample", share, what))
    return video.resolve().as_uri()
