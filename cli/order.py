"""Sends an order to a running Clipwire and follows it to its end."""

from __future__ import annotations

from typing import Any

from cli.display import Display, show
from cli.follow import LostError, follow
from cli.job import Job
from contracts.envelope import Event
from contracts.events import CandidateApproved
from contracts.subjects import (
    CANDIDATE_APPROVED,
    CLIP_ANALYZED,
    CLIP_DOWNLOADED,
    CLIP_TRANSCRIBED,
    PUBLISH_DONE,
    RENDER_DONE,
)
from runtime.bus import Bus, new_command
from runtime.errors import Reject
from runtime.stack import Stack

__all__ = ["follow_order"]

# The fact that ends an actor's bar.
_ENDS = {
    CLIP_DOWNLOADED.name: "downloader",
    CLIP_TRANSCRIBED.name: "transcriber",
    CLIP_ANALYZED.name: "vlm",
    RENDER_DONE.name: "renderer",
}


async def follow_order(stack: Stack, approved: CandidateApproved, display: Display) -> Job:
    """Publish the command and read the stream until everything that it leads to is there, or has failed.

    Where that can't be waited for, the job says so (`lost`). Raises `LostError` only if nothing was ordered yet.
    """
    command = new_command(CANDIDATE_APPROVED, approved, source="cli")
    job = Job(command.id)
    # A short that an earlier order has published is not published again, so what is out is learnt first. It is gone on
    # with from there, and not from our own command: another order may publish the short in between.
    position = await _published(stack.bus, job)

    def tell(event: Event[Any], words: str | None) -> None:
        if words:
            display.line(words)
        if job.concerns(event) and event.subject and event.type in _ENDS:
            display.report(_ENDS[event.type], event.subject, 1.0, "")

    try:
        await follow(stack, command, job, tell, after=position, beside=_watch(stack.bus, job, display))
    except LostError as lost:
        if not job.steps.begun:
            raise
        job.lost = lost
    return job


async def _published(bus: Bus, job: Job) -> int:
    """Learn every publication that is out; the sequence up to which that is so."""
    last = (await bus.stream_state()).last
    async for batch in bus.read(subjects=[PUBLISH_DONE.name], follow=False):
        for stored in batch:
            try:
                job.take(stored.event())
            except Reject:  # a stranger's malformed event is not ours to report
                continue
    return last


async def _watch(bus: Bus, job: Job, display: Display) -> None:
    async for report in bus.watch_progress():
        mine = {job.clip.clip_id if job.clip else None, *job.requested}
        if report.entity in mine or job.clip is None:
            show(display, report)
