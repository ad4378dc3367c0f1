"""What a short looks like: span, framing path, caption pages, words of its description. Pure functions.

Times are seconds. `start` and `end` of a span are seconds of the clip; everything that is returned "on the short's
clock" starts at 0 with its first frame.
"""

from __future__ import annotations

from actors.renderer.core.about import describe
from actors.renderer.core.framing import (
    FRAME_SLACK,
    Aim,
    Panel,
    View,
    Window,
    aims,
    cover_window,
    framing_mode,
    framing_path,
    framing_within,
    panels,
    picture_remarks,
)
from actors.renderer.core.orders import made_for, span_problem
from actors.renderer.core.otio import otio_of
from actors.renderer.core.pages import CaptionState, Page, Room, caption_pages, caption_states, lines_of
from actors.renderer.core.plan import field_of_order, plan, sources_of, with_sources
from actors.renderer.core.ramp import expanded, field_before, look_cuts
from actors.renderer.core.schedule import Cut, Schedule, beats_of, schedule, size_of
from actors.renderer.core.soft import srt, vtt
from actors.renderer.core.words import Said, SpokenWord, emphasised, spoken, words_within

__all__ = [
    "FRAME_SLACK",
    "Aim",
    "CaptionState",
    "Cut",
    "Page",
    "Panel",
    "Room",
    "Said",
    "Schedule",
    "SpokenWord",
    "View",
    "Window",
    "aims",
    "beats_of",
    "caption_pages",
    "caption_states",
    "cover_window",
    "describe",
    "emphasised",
    "expanded",
    "field_before",
    "field_of_order",
    "framing_mode",
    "framing_path",
    "framing_within",
    "lines_of",
    "look_cuts",
    "made_for",
    "otio_of",
    "panels",
    "picture_remarks",
    "plan",
    "schedule",
    "size_of",
    "sources_of",
    "span_problem",
    "spoken",
    "srt",
    "vtt",
    "with_sources",
    "words_within",
]
