"""Sends an order to a running Clipwire and follows it to its end."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from cli.display import Display, show
from cli.job import Job
from cli.output import CliError
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
from runtime.kv import NatsChannels
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
    """Publish the command and read the stream until everything that it leads to is there, or has failed."""
    channel = await NatsChannels(stack.bus.js).get(approved.channel_id)
    command = new_command(CANDIDATE_APPROVED, approved, source="cli")
    job = Job(command.id, channel)
    # A short that an earlier order has published is not published again: what is out is learnt first.
    async for batch in stack.bus.read(subjects=[PUBLISH_DONE.name], follow=False):
        for stored in batch:
            with suppress(Reject):  # a stranger's malformed event is not ours to report
                job.take(stored.event())
    sent = await stack.bus.publish(command)
    tasks = [
        asyncio.create_task(_follow(stack.bus, job, sent.sequence, display)),
        asyncio.create_task(_watch(stack.bus, job, display)),
        asyncio.create_task(_alive(stack)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return job


async def _follow(bus: Bus, job: Job, after: int, display: Display) -> None:
    async for batch in bus.read(after=after):
        for stored in batch:
            try:
                event = stored.event()
            except Reject:  # somebody else's malformed command, answered by the actor that it was for
                continue
            words = job.take(event)
            if words:
                display.line(words)
            if job.concerns(event) and event.subject and event.type in _ENDS:
                display.report(_ENDS[event.type], event.subject, 1.0, "")
        if job.finished:
            return


async def _watch(bus: Bus, job: Job, display: Display) -> None:
    async for report in bus.watch_progress():
        mine = {job.clip.clip_id if job.clip else None, *(job.expected_renders or [])}
        if report.entity in mine or job.clip is None:
            show(display, report)


async def _alive(stack: Stack) -> None:
    """Ends with an error when what should do the work is gone."""
    while True:
        await asyncio.sleep(1.0)
        if stack.supervisor is not None:
            stack.supervisor.check()
            failing = [child.name for child in stack.supervisor.children if child.failures > 5]
            if failing:
                raise CliError(
                    f"{', '.join(failing)} ended again and again", advice="Their logs say why: `logs` in CLIPWIRE_HOME"
                )
