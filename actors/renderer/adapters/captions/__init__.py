"""Captions burnt in: words in pages, the spoken one lit, in a style, clear of what lies on the picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from actors.renderer.adapters.captions.painter import Captions
from actors.renderer.core import Schedule, caption_pages, caption_states, spoken
from contracts.timeline import Timeline

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["Painted", "captions_of"]


class Painted:
    def __init__(self, captions: Captions) -> None:
        self._captions = captions

    def paint(self, frame: VideoFrame, number: int) -> None:
        self._captions.burn(frame, number)

    def remarks(self) -> tuple[str, ...]:
        return self._captions.remarks()

    def close(self) -> None:
        pass

    @property
    def coverage(self) -> float | None:
        return None


def captions_of(timeline: Timeline, schedule: Schedule, size: tuple[int, int], fonts: Path | None) -> Painted:
    plan = timeline.captions
    words = spoken(plan.words if plan.burnt else (), 0.0, schedule.frames / schedule.fps)
    pages = caption_pages(words, schedule.frames / schedule.fps)
    return Painted(Captions(pages, caption_states(pages, schedule.fps, schedule.frames), plan.style, size, fonts))
