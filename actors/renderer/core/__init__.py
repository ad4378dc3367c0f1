"""What a short looks like: span, framing path, caption pages, words of its description. Pure functions.

Times are seconds. `start` and `end` of a span are seconds of the clip; everything that is returned "on the short's
clock" starts at 0 with its first frame.
"""

from __future__ import annotations

from actors.renderer.core.about import describe
from actors.renderer.core.framing import (
    FRAME_SLACK,
    Window,
    cover_window,
    framing_mode,
    framing_path,
    picture_remarks,
)
from actors.renderer.core.orders import made_for, span_problem
from actors.renderer.core.words import (
    CaptionState,
    Page,
    SpokenWord,
    caption_pages,
    caption_states,
    spoken,
    srt,
    words_within,
)

__all__ = [
    "FRAME_SLACK",
    "CaptionState",
    "Page",
    "SpokenWord",
    "Window",
    "caption_pages",
    "caption_states",
    "cover_window",
    "describe",
    "framing_mode",
    "framing_path",
    "made_for",
    "picture_remarks",
    "span_problem",
    "spoken",
    "srt",
    "words_within",
]
