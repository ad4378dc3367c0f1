"""Which stage of a job an actor's work is."""

from __future__ import annotations

__all__ = ["stage_of_failure"]

_STAGE_OF_ACTOR = {
    "discovery": "discover",
    "ranker": "rank",
    "downloader": "download",
    "transcriber": "transcribe",
    "vlm": "analyze",
    "renderer": "render",
    "publisher": "publish",
    "archiver": "archive",
}
_DECISIONS = {"candidate.ranked": "approve", "clip.analyzed": "choose", "render.done": "approve"}


def stage_of_failure(actor: str, subject: str) -> str:
    """The stage that failed. The producer has three, told apart by what it listened to; an unknown actor is its own."""
    if actor == "producer":
        return _DECISIONS.get(subject, actor)
    return _STAGE_OF_ACTOR.get(actor, actor)
