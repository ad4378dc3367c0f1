"""One order on the bus, followed from its command to its finished shorts. Fed with events; does no I/O."""

from __future__ import annotations

from typing import Any

from actors.producer.core import DeadEndError, after_analysis, after_render
from contracts.envelope import Event
from contracts.events import (
    ApprovalAsked,
    ClipAnalyzed,
    ClipDownloaded,
    ClipTranscribed,
    PublishDone,
    PublishRequested,
    PublishUnconfirmed,
    RenderDone,
    RenderRequested,
    WorkFailed,
)
from contracts.media import Clip, Render
from contracts.work import Channel, Failure, Publication

__all__ = ["Job"]

_FATAL = frozenset({"downloader", "transcriber", "vlm", "producer"})


class Job:
    """What is known of an order so far.

    Which shorts and publications are still to come follows from the same policies that the producer applies, so
    that an order which leads to fewer shorts than were asked for ends, too.
    """

    def __init__(self, order_id: str, channel: Channel) -> None:
        self.order_id = order_id
        self.channel = channel
        self.clip: Clip | None = None
        self.notes: list[str] = []
        self.failures: list[Failure] = []
        self.renders: dict[str, Render] = {}
        self.publications: dict[str, Publication] = {}
        self.expected_renders: list[str] | None = None
        self._expected_publications: set[str] = set()
        self._settled: set[str] = set()

    def concerns(self, event: Event[Any]) -> bool:
        """Whether the event belongs to this order."""
        if event.correlationid == self.order_id:
            return True
        return (
            isinstance(event.data, PublishDone) and event.data.publication.publication_id in self._expected_publications
        )

    def take(self, event: Event[Any]) -> str | None:
        """Learn from an event. A line for a person where it is worth one."""
        data = event.data
        if isinstance(data, PublishDone):  # also that of an earlier order: it is published once
            self.publications[data.publication.publication_id] = data.publication
        if not self.concerns(event):
            return None
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
            case ClipAnalyzed():
                return self._analyzed(data)
            case RenderDone(render=render):
                return self._rendered(data, render)
            case PublishDone(publication=publication):
                return f"published: {publication.title!r} on {publication.account_id}"
            case PublishUnconfirmed():
                self._settled.add(data.publication_id)
                self.notes.append(f"{data.account_id}: {data.reason}. {data.advice}")
                return self.notes[-1]
            case ApprovalAsked():
                self.notes.append(f"waits for a person: {data.reason}")
                return self.notes[-1]
            case WorkFailed(failure=failure):
                return self._failed(failure)
        return None

    def _analyzed(self, data: ClipAnalyzed) -> str:
        try:
            orders = [command.data for command in after_analysis(self.channel, data)]
        except DeadEndError:
            return "analysed: nothing in it can become a short"  # the producer's `work.failed` says why
        self.expected_renders = [order.render_id for order in orders if isinstance(order, RenderRequested)]
        return f"analysed: {len(data.moments)} moments found, {len(self.expected_renders)} to render"

    def _rendered(self, data: RenderDone, render: Render) -> str:
        self.renders[render.render_id] = render
        for command in after_render(self.channel, data):
            if isinstance(command.data, PublishRequested):
                self._expected_publications.add(command.data.publication_id)
        return f"rendered: {render.title!r}, {render.duration:.1f} s"

    def _failed(self, failure: Failure) -> str:
        self.failures.append(failure)
        self._settled.add(failure.entity)
        return f"{failure.stage} failed: {failure.what}"

    @property
    def fatal(self) -> bool:
        """Whether a stage has failed without which there is nothing more to come."""
        started = self.expected_renders is not None
        return any(failure.stage in _FATAL for failure in self.failures) and not (started and self.renders)

    @property
    def finished(self) -> bool:
        """Whether everything that was to come has come, or has failed."""
        if self.fatal:
            return True
        if self.expected_renders is None:
            return False
        shorts = all(ident in self.renders or ident in self._settled for ident in self.expected_renders)
        return shorts and self._expected_publications <= self.publications.keys() | self._settled

    @property
    def ordered_renders(self) -> list[Render]:
        """The finished shorts, best first."""
        return [self.renders[ident] for ident in self.expected_renders or [] if ident in self.renders]
