"""What of a clip is in another clip too, from the stretches whose prints fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from contracts.media import Stretch
from contracts.sight import SeenBefore, Sound

__all__ = ["LEAST", "Match", "music_alone", "seen_before"]

LEAST = 5.0
"""Seconds; what is shorter is a jingle, or chance."""
BY_PICTURE = 10.0
"""Seconds in all at one offset, where the sound says nothing: pictures with little in them (a square that wanders over
a plain ground) fit others of their kind for eight seconds by chance."""
SAME = 1.2
"""Seconds by which the offsets of picture and sound may differ."""
JOIN = 3.0
"""Seconds between two stretches at the same offset that are one."""
SUPPORT = 0.5
"""Share of a stretch of sound in which the picture must fit, to be known by both."""


@dataclass(frozen=True)
class Match:
    """A stretch, in seconds of the clip in question, that fits another clip from `other_start` on.

    `telling`: pictures that could be of no other video; others (a still camera, a studio) only confirm sound.
    """

    start: float
    end: float
    other_start: float
    by: Literal["picture", "sound", "both"]
    mirrored: bool = False
    telling: bool = True

    @property
    def offset(self) -> float:
        """Seconds by which the other clip is earlier."""
        return self.start - self.other_start


def music_alone(sounds: Sequence[Sound]) -> tuple[Stretch, ...]:
    """Where there is music and nobody speaks: many videos may have it."""
    spans = [(s.start, s.end) for s in sounds if s.kind == "music"]
    for speech in (s for s in sounds if s.kind == "speech"):
        spans = [part for span in spans for part in _without(span, (speech.start, speech.end))]
    return tuple(Stretch(start=start, end=end) for start, end in spans)


def seen_before(clip_id: str, matches: Iterable[Match], music: Sequence[Stretch]) -> tuple[SeenBefore, ...]:
    """What the matches with one other clip (`clip_id`) say. Common `music` alone makes no two videos the same."""
    sound = _joined(m for m in matches if m.by == "sound")
    pictures = [m for m in matches if m.by == "picture"]
    found = [known for match in sound if (known := _confirmed(match, pictures, music))]
    found += _joined(m for m in pictures if m.telling)
    stretches = [m for m in _merged(found) if m.end - m.start >= LEAST]
    stretches = [m for m in stretches if m.by != "picture" or _in_all(m, stretches) >= BY_PICTURE]
    return tuple(
        SeenBefore(
            clip_id=clip_id,
            start=round(m.start, 2),
            end=round(m.end, 2),
            other_start=round(max(0.0, m.other_start), 2),
            by=m.by,
            mirrored=m.mirrored,
        )
        for m in stretches
    )


def _confirmed(match: Match, pictures: Sequence[Match], music: Sequence[Stretch]) -> Match | None:
    """A stretch of sound, known by both if the picture fits; None if it is only music that somebody else has too."""
    same = [p for p in pictures if abs(p.offset - match.offset) <= SAME]
    for mirrored in (False, True):
        share = _covered(match, [(p.start, p.end) for p in same if p.mirrored is mirrored])
        if share >= SUPPORT:
            return replace(match, by="both", mirrored=mirrored)
    own = (match.end - match.start) * (1 - _covered(match, [(s.start, s.end) for s in music]))
    return match if own >= LEAST else None


def _in_all(match: Match, others: Iterable[Match]) -> float:
    """Seconds of all stretches at the offset of this one."""
    alike = (m for m in others if m.mirrored == match.mirrored and abs(m.offset - match.offset) <= SAME)
    return sum(m.end - m.start for m in alike)


def _covered(match: Match, spans: Sequence[tuple[float, float]]) -> float:
    left = [(match.start, match.end)]
    for span in spans:
        left = [part for piece in left for part in _without(piece, span)]
    return 1 - sum(end - start for start, end in left) / max(1e-9, match.end - match.start)


def _without(span: tuple[float, float], other: tuple[float, float]) -> list[tuple[float, float]]:
    """What is left of a span when another is taken out."""
    if other[1] <= span[0] or other[0] >= span[1]:
        return [span]
    parts = ((span[0], min(span[1], other[0])), (max(span[0], other[1]), span[1]))
    return [(start, end) for start, end in parts if end > start]


def _joined(matches: Iterable[Match]) -> list[Match]:
    """Overlapping or near ones at the same offset made one."""
    out: list[Match] = []
    for match in sorted(matches, key=lambda m: (m.start, -m.end, m.offset)):
        near = next((i for i, m in enumerate(out) if _continues(m, match)), None)
        if near is None:
            out.append(match)
        else:
            out[near] = replace(out[near], end=max(out[near].end, match.end))
    return out


def _continues(before: Match, match: Match) -> bool:
    alike = before.mirrored == match.mirrored and abs(before.offset - match.offset) <= SAME
    return alike and match.start <= before.end + JOIN


def _merged(matches: Sequence[Match]) -> list[Match]:
    """A stretch known by picture and one known by sound that are the same become one. The longer ones lead: what is
    told of their place already is not told again with another offset."""
    out: list[Match] = []
    for match in sorted(matches, key=lambda m: (m.start - m.end, m.start)):
        near = next((i for i, m in enumerate(out) if _meets(m, match)), None)
        if near is None:
            if _covered(match, [(m.start, m.end) for m in out]) < SUPPORT:
                out.append(match)
            continue
        one = out[near]
        start, end = min(one.start, match.start), max(one.end, match.end)
        mirrored = one.mirrored or match.mirrored
        by = one.by if one.by == match.by else "both"
        offset = match.offset if one.by == "picture" else one.offset  # sound tells it to some hundredths of a second
        out[near] = replace(one, start=start, end=end, other_start=start - offset, by=by, mirrored=mirrored)
    return sorted(out, key=lambda m: m.start)


def _meets(one: Match, other: Match) -> bool:
    return abs(one.offset - other.offset) <= SAME and other.start < one.end and one.start < other.end
