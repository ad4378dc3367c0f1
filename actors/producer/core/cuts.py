"""Spans that a channel has ordered shorts of, and where they are in other clips that hold the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actors.producer.core.command import Command
from contracts.events import RenderRequested
from contracts.sight import Moment, SeenBefore

__all__ = ["OVERLAP", "Cut", "cuts_by_clip", "cuts_here", "cuts_of"]

OVERLAP = 1.0
"""Seconds that two shorts may share; a stretch that was seen before is known to about half a second."""


@dataclass(frozen=True)
class Cut:
    """A span that a short was ordered of, in seconds of one clip; `clip_id` names the clip that it was ordered from."""

    start: float
    end: float
    clip_id: str
    render_id: str


def cuts_of(moment: Moment, clip_id: str, cuts: Iterable[Cut]) -> list[Cut]:
    """Cuts that show what the moment shows. The very same span of the same clip is the same order, no second cut."""
    return [
        cut
        for cut in cuts
        if min(cut.end, moment.end) - max(cut.start, moment.start) > OVERLAP
        and (cut.clip_id, round(cut.start, 3), round(cut.end, 3))
        != (clip_id, round(moment.start, 3), round(moment.end, 3))
    ]


def cuts_here(cuts: Iterable[Cut], seen: SeenBefore) -> list[Cut]:
    """Cuts of the other clip, in seconds of the one in which it was `seen`."""
    shift = seen.start - seen.other_start
    return [
        Cut(max(seen.start, cut.start + shift), min(seen.end, cut.end + shift), cut.clip_id, cut.render_id)
        for cut in cuts
        if cut.start + shift < seen.end and cut.end + shift > seen.start
    ]


def cuts_by_clip(clip_id: str, seen: Sequence[SeenBefore], commands: Sequence[Command]) -> dict[str, list[Cut]]:
    """What is ordered now of a clip, and where that is in the clips in which it was `seen` before."""
    orders = [command.data for command in commands if isinstance(command.data, RenderRequested)]
    own = [Cut(order.start, order.end, clip_id, order.render_id) for order in orders]
    cuts = {clip_id: own} if own else {}
    for each in seen:
        length = each.end - each.start
        back = SeenBefore(
            clip_id=clip_id, start=each.other_start, end=each.other_start + length, other_start=each.start, by=each.by
        )
        if there := cuts_here(own, back):
            cuts[each.clip_id] = [*cuts.get(each.clip_id, []), *there]
    return cuts
