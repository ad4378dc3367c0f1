"""Whether an order fits its clip, and what names the short that it gives."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.ids import digest
from contracts.timeline import Timeline

__all__ = ["made_for", "span_problem"]

ENGINE = 2
"""Raised whenever the same order gives another picture or sound than before, so that old shorts are made anew."""

MAX_OVERSHOOT = 0.5


def span_problem(start: float, end: float, duration: float) -> tuple[str, str] | None:
    """The field that does not fit a clip of `duration`, and why; None where the span fits.

    An end up to half a second beyond is a rounding of somebody's clock and is cut to the clip's end.
    """
    if start >= duration:
        return "start", f"The span starts at {start:.2f} s, but the clip is {duration:.2f} s long"
    if end > duration + MAX_OVERSHOOT:
        return "end", f"The span ends at {end:.2f} s, but the clip is {duration:.2f} s long"
    return None


def made_for(timeline: Timeline, checksums: Mapping[str, str]) -> str:
    """Names what a short is made of: its timeline, and what is in the files that the timeline names."""
    return digest(ENGINE, timeline.model_dump(mode="json"), sorted(checksums.items()))
