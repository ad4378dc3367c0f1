"""A moment of an analysed film as a timeline, as an order would make it; and as a plan for `clipwire render`."""

from __future__ import annotations

import json
from pathlib import Path

from actors.renderer.core import plan, with_sources
from cli.analysis import Analysed
from cli.sources import slug
from contracts.events import RenderRequested
from contracts.renders import Recipe
from contracts.sight import Moment
from contracts.timeline import Timeline
from runtime.files import write_atomically

__all__ = ["timeline_of", "write_plans"]


def timeline_of(found: Analysed, moment: Moment, recipe: Recipe) -> Timeline:
    """The short of a moment; its source is the film itself."""
    asked = RenderRequested(
        clip_id=found.clip.clip_id, start=moment.start, end=moment.end, recipe=recipe, title=moment.title[:300]
    )
    timeline = plan(asked, found.clip, found.transcript, found.analysis)
    return with_sources(timeline, {found.clip.media.uri: str(found.film)})


def write_plans(found: Analysed, folder: Path) -> list[Path]:
    """One plan for each moment, best first: `1-<title>.json`. Raises `OSError`."""
    written = []
    for number, moment in enumerate(found.analysis.moments, 1):
        path = folder / f"{number}-{slug(moment.title)}.json"
        body = timeline_of(found, moment, Recipe()).model_dump(mode="json", exclude_defaults=True)
        write_atomically(path, json.dumps(body, ensure_ascii=False, indent=1) + "\n")
        written.append(path)
    return written
