"""One order on the bus, followed from its command to its finished shorts. Fed with events; does no I/O."""

from __future__ import annotations

from typing import Any

from cli.output import CliError
from cli.steps import MAKING, Steps
from contracts.envelope import Event
from contracts.events import (
    ApprovalAsked,
    ClipAnalyzed,
    ClipDownloaded,
    ClipTranscribed,
    PublishDone,
    PublishPlanned,
    PublishRequested,
    PublishUnconfirmed,
    RenderDone,
    RenderRequested,
    WorkFailed,
)
from contracts.media import Clip
from contracts.renders import Render
from contracts.subjects import PUBLISH_REQUESTED
from contracts.work import Failure, Publication

__all__ = ["Job"]


class Job:
    """What is known of an order so far. `lost`: why it is no longer followed, though it has not ended."""

    def __init__(self, order_id: str) -> None:
        self.order_id = order_id
        self.steps = Steps(order_id, MAKING)
        self.clip: Clip | None = None
        self.notes: list[str] = []
        self.failures: list[Failure] = []
        self.requested: list[str] = []
        self.renders: dict[str, Render] = {}
        self.publications: dict[str, Publication] = {}
        self.lost: CliError | None = None

    def concerns(self, event: Event[Any]) -> bool:
        """Whether the event belongs to this order."""
        return event.correlationid == self.order_id

    def take(self, event: Event[Any]) -> str | None:
        """Learn from an event. A line for a person where it is worth one."""
        data = event.data
        if isinstance(data, PublishDone):  # also that of another order: it is published, and that is said, once
            self.publications[data.publication.publication_id] = data.publication
            self.steps.close_about(PUBLISH_REQUESTED.name, data.publication.publication_id)
        return self._own(data) if self.steps.take(event) else None

    def _own(self, data: Any) -> str | None:
        match data:
            case ClipDownloaded(clip=clip):
                self.clip = clip
                self.notes += clip.warnings
                silence = "no sound" if clip.audio_codec is None else "a silent sound track"
                sound = f"sound {clip.loudness:.1f} LUFS" if clip.loudness is not None else silence
                return f"downloaded: {clip.title!r}, {clip.duration:.1f} s, {clip.width}x{clip.height}, {sound}"
            case ClipTranscribed(transcript=None):
                self.notes.append(data.reason or "nothing is said")
                return f"no transcript: {self.notes[-1]}"
            case ClipTranscribed(transcript=transcript) if transcript is not None:
                return f"transcribed: {transcript.words} words by {transcript.method}"
            case ClipAnalyzed(moments=moments):
                return f"analysed: {len(moments)} moments found"
            case RenderRequested():
                self.requested.append(data.render_id)
            case RenderDone(render=render):
                self.renders[render.render_id] = render
                return f"rendered: {render.title!r}, {render.duration:.1f} s"
            case PublishRequested() if data.publication_id in self.publications:
                self.steps.close_about(PUBLISH_REQUESTED.name, data.publication_id)
            case PublishPlanned():
                when = (
                    f"waits for {data.at.astimezone():%Y-%m-%d %H:%M %Z}" if data.at else f"{data.anew} is made for it"
                )
                self.notes.append(f"{data.account_id}: {when}" + (f" ({data.note})" if data.note else ""))
                return self.notes[-1]
            case PublishDone(publication=publication):
                return f"published: {publication.title!r} on {publication.account_id}"
            case PublishUnconfirmed():
                self.notes.append(f"{data.account_id}: {data.reason}. {data.advice}")
                return self.notes[-1]
            case ApprovalAsked():
                self.notes.append(f"waits for a person: {data.reason}")
                return self.notes[-1]
            case WorkFailed(failure=failure):
                self.failures.append(failure)  # told once, with its advice, when the order has ended
        return None

    @property
    def finished(self) -> bool:
        """Whether everything that was to come has come, or has failed."""
        return self.steps.finished

    @property
    def ordered_renders(self) -> list[Render]:
        """The finished shorts, best first."""
        return [self.renders[ident] for ident in dict.fromkeys(self.requested) if ident in self.renders]
