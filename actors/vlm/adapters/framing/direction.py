"""How every shot of a clip is shown in a tall picture: whom the crop follows, and where another mode serves better.

- One face is followed; without a face what moves, else the middle.
- People who fit into one crop are shown together.
- Of people who do not fit, the one who speaks is shown. The crop cuts to another one, within a shot, only where that
  shows enough more of the speech (`casting.COST`), is for at least LEAST seconds, and is within the turns that a camera
  may make. Two whose turns are short, or of whom nobody knows who speaks, are shown one above the other (`split`), if
  each stays on one side; of more people, where nobody is known to speak, all are shown (`fit`).
- A recording of a screen is shown whole, with its speaker where there is a face (`screen`), else without (`fit`).
- Writing that is wider than the crop, in a shot without faces, and a target that no calm camera keeps in sight: `fit`.
- No mode lasts less than LEAST seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from actors.vlm.adapters.framing.camera import TURNS, follow
from actors.vlm.adapters.framing.casting import BOTH, LEAST, covered, lasting, length, main_of, shown, together, weight
from actors.vlm.adapters.people.tracks import Sighting, Track, motion_track, sightings
from actors.vlm.adapters.pictures.motion import Motion
from contracts.media import Stretch
from contracts.sight import Area, Framing, FramingMode, FramingPoint, FramingSection

__all__ = ["LEAST", "direct"]

TALL = 9 / 16
"""Width of the short divided by its height, as it is planned for; wider ones show more."""
SAFE = 0.8
"""Share of the crop, in its middle, that faces are kept in."""
SPOKEN = 0.3
"""Share of a shot of three people or more in which somebody must speak for one of them to be shown."""
LOST, FEW = 0.04, 2
"""Share of its sightings, and how many of them, that may be out of the crop before all of the picture is shown."""
NEAR = 4.0
"""Seconds around a span in which sightings tell where somebody is in it."""
UPPER_THIRD = 1 / 6
"""Of the crop's height: so much lower than the eyes its middle is."""
CROPPED = 0.6
"""Share of the height that a crop shows where it crops the height at all: of tall sources in square pictures."""
CLOSEST = 2.0
SPEAKER_ZOOM = 2.2
"""Magnification of the panels of `split`, at most, and of the speaker of `screen`, as the renderer has them."""


@dataclass(frozen=True)
class _Piece:
    """A span in one mode, its target and that of its second panel. `room`, `turns`: see `follow`."""

    start: float
    end: float
    mode: FramingMode = "track"
    found: Sequence[Sighting] = ()
    room: float = 1.0
    panels: tuple[Sequence[Sighting], Sequence[Sighting]] = ((), ())
    turns: int = 0


def direct(
    spans: Sequence[tuple[float, float]],
    people: Sequence[Sequence[Track]],
    motion: Sequence[Motion],
    *,
    screens: Sequence[Stretch] = (),
    texts: Sequence[Area] = (),
    aspect: float = 16 / 9,
) -> Framing:
    """The framing over the shots `spans` (start, end in seconds) with the people of each; `center` without a target.

    `screens`: recordings of a screen; `texts`: writing in the picture; `aspect`: width of the picture / its height.
    """
    eye = _Eye(motion, screens, texts, aspect)
    shots = [eye.pieces(*part, tracks) for span, tracks in zip(spans, people, strict=True) for part in eye.parts(*span)]
    pieces = _calmed([piece for shot in shots for piece in shot])
    if not any(piece.found or piece.mode != "track" for piece in pieces):
        return Framing(mode="center")
    points: list[FramingPoint] = []
    second: list[FramingPoint] = []
    sections: list[FramingSection] = []
    for piece in pieces:
        first, other = eye.paths(piece)
        points += first
        second += other
        if piece.mode != "track":
            sections.append(FramingSection(start=round(piece.start, 3), end=round(piece.end, 3), mode=piece.mode))
    cuts = tuple(round(piece.start, 3) for piece in pieces[1:])
    return Framing(mode="track", points=tuple(points), second=tuple(second), cuts=cuts, sections=_joined(sections))


def _joined(sections: Sequence[FramingSection]) -> tuple[FramingSection, ...]:
    """Neighbours of one mode as one section."""
    out: list[FramingSection] = []
    for section in sections:
        if out and out[-1].mode == section.mode and section.start - out[-1].end < 1e-6:
            out[-1] = out[-1].model_copy(update={"end": section.end})
        else:
            out.append(section)
    return tuple(out)


def _calmed(pieces: list[_Piece]) -> list[_Piece]:
    """Modes that last less than LEAST are given up: for `track`, or, where that is too short itself, for `fit`."""
    while True:
        runs = _runs(pieces)
        if len(runs) < 2:
            return pieces
        short = [run for run in runs if pieces[run[1] - 1].end - pieces[run[0]].start < LEAST - 1e-6]
        if not short:
            return pieces
        first, last = short[0]
        mode = pieces[first].mode
        around = [pieces[n].mode for n in (first - 1, last) if 0 <= n < len(pieces)]
        if mode != "track":
            pieces = _in_mode(pieces, first, last, "track" if "fit" not in around else "fit")
        elif "fit" in around:
            pieces = _in_mode(pieces, first, last, "fit")
        else:  # between two panels: the shorter neighbour gives its panels up as well
            near = [run for run in runs if run[1] == first or run[0] == last]
            shorter = min(near, key=lambda run: pieces[run[1] - 1].end - pieces[run[0]].start)
            pieces = _in_mode(pieces, *shorter, "track")


def _runs(pieces: Sequence[_Piece]) -> list[tuple[int, int]]:
    """First piece, and the one behind the last, of every run of pieces in one mode."""
    borders = [0, *(n for n in range(1, len(pieces)) if pieces[n].mode != pieces[n - 1].mode), len(pieces)]
    return list(pairwise(borders))


def _in_mode(pieces: list[_Piece], first: int, last: int, mode: FramingMode) -> list[_Piece]:
    return [replace(p, mode=mode) if first <= n < last else p for n, p in enumerate(pieces)]


class _Eye:
    """What is known of the clip, for the decision on each of its shots."""

    def __init__(
        self, motion: Sequence[Motion], screens: Sequence[Stretch], texts: Sequence[Area], aspect: float
    ) -> None:
        self._motion = motion
        self._share = min(1.0, TALL / aspect)
        self._panel_share = min(1.0, 2 * TALL / aspect)
        self._screens = [(screen.start, screen.end) for screen in screens]
        self._wide = lasting(
            (area.start, area.end) for area in texts if area.kind == "text" and area.width > self._share
        )

    def parts(self, start: float, end: float) -> list[tuple[float, float]]:
        """The shot, cut where a recording of a screen or wide writing comes or goes within it."""
        borders = [start]
        for t in sorted(t for span in [*self._screens, *self._wide] for t in span):
            if borders[-1] + LEAST <= t <= end - LEAST:
                borders.append(t)
        return list(pairwise([*borders, end]))

    def pieces(self, start: float, end: float, people: Sequence[Track]) -> list[_Piece]:
        """One shot, or part of one, in one piece or, where the crop cuts to another person, in several."""
        tracks = [part for part in (track.within(start, end) for track in people) if part]
        whole = _Piece(start, end, turns=int(TURNS * (end - start)))
        moving = motion_track([m for m in self._motion if start <= m.since and m.t < end])
        main = main_of(tracks, start, end)
        if covered(self._screens, start, end) > 0.5:
            return [self._screen(whole, main)]
        if not main:
            return [replace(whole, found=moving, mode="fit" if covered(self._wide, start, end) > 0.5 else "track")]
        spread = together(main, start, end)
        widest = sorted(right - left for _, left, right, _ in spread)[int(0.95 * (len(spread) - 1))]
        if len(main) > 1 and widest <= SAFE * self._share:
            found = [Sighting(t, (left + right) / 2, y + UPPER_THIRD * CROPPED) for t, left, right, y in spread]
            return [replace(whole, found=found, room=max(0.02, (SAFE * self._share - widest) / 2))]
        return self._one_at_a_time(whole, main, moving)

    def _screen(self, whole: _Piece, main: Sequence[Track]) -> _Piece:
        if not main:
            return replace(whole, mode="fit")
        speaker = max(main, key=lambda track: (length(track.speaking), track.width))
        below = UPPER_THIRD / SPEAKER_ZOOM
        return replace(whole, mode="screen", panels=((), _lowered(sightings(speaker, ()), below)))

    def _one_at_a_time(self, whole: _Piece, main: Sequence[Track], moving: Sequence[Sighting]) -> list[_Piece]:
        """The one who speaks, or two of them; all, where there are more and none is known to speak."""
        largest = max(main, key=weight)
        if len(main) > 2 and sum(length(track.speaking) for track in main) < SPOKEN * (whole.end - whole.start):
            return [replace(self._of(whole, largest, moving), mode="fit")]
        pieces = []
        for start, end, who in shown(main, whole.start, whole.end, most=whole.turns + 1):
            piece = self._of(replace(whole, start=start, end=end), largest if who == BOTH else main[who], moving)
            pieces.append(self._split(piece, main) if who == BOTH else piece)
        if len(pieces) > 1:  # every cut may be a turn to one side and back
            left = whole.turns - 2 * (len(pieces) - 1)
            return [replace(piece, turns=max(-1, left // len(pieces))) for piece in pieces]
        return [replace(p, mode="fit") if p.mode == "track" and self._lost(p) else p for p in pieces]

    def _lost(self, piece: _Piece) -> bool:
        """Whether no calm camera keeps the target wholly in the crop."""
        room = piece.room + (1 - SAFE) / 2 * self._share
        lost = follow(piece.start, piece.end, piece.found, half=self._share / 2, room=room, turns=piece.turns)[1]
        seen = sum(piece.start <= sighting.t < piece.end for sighting in piece.found)
        return lost > max(FEW, LOST * seen)

    def _of(self, piece: _Piece, track: Track, moving: Sequence[Sighting]) -> _Piece:
        seen = track.within(piece.start - NEAR, piece.end + NEAR) or track
        room = max(0.02, (SAFE * self._share - track.width) / 2)
        return replace(piece, found=_lowered(sightings(seen, moving), UPPER_THIRD * CROPPED), room=room)

    def _split(self, piece: _Piece, main: Sequence[Track]) -> _Piece:
        sides = sorted(main, key=lambda track: track.seen[0][1].x)
        left, right = (track.within(piece.start - NEAR, piece.end + NEAR) or track for track in sides)
        below = UPPER_THIRD / self._zoom(left, right)
        panels = (_lowered(sightings(left, ()), below), _lowered(sightings(right, ()), below))
        return replace(piece, mode="split", panels=panels)

    def _zoom(self, left: Track, right: Track) -> float:
        """As the renderer chooses it: so close that each is seen without the other."""
        middle = (left.start + left.end) / 2
        apart = max(0.2, abs(left.at(middle).x - right.at(middle).x))
        return min(CLOSEST, max(1.0, self._panel_share / apart))

    def paths(self, piece: _Piece) -> tuple[list[FramingPoint], list[FramingPoint]]:
        """The path of the crop, or of the upper panel, and that of the second panel."""
        one, two = piece.panels
        half, turns = self._share / 2, piece.turns
        if piece.mode == "split":
            half = self._panel_share / 2 / CLOSEST
            upper, _ = follow(piece.start, piece.end, one, half=half, room=0.1, turns=turns)
            lower, _ = follow(piece.start, piece.end, two, half=half, room=0.1, turns=turns)
            return upper, lower
        first, _ = follow(piece.start, piece.end, piece.found, half=half, room=piece.room, turns=turns)
        if piece.mode != "screen":
            return first, []
        half = self._panel_share / 2 / SPEAKER_ZOOM
        return first, follow(piece.start, piece.end, two, half=half, room=0.1, turns=turns)[0]


def _lowered(found: Sequence[Sighting], by: float) -> list[Sighting]:
    """So that eyes at the sightings are on the upper third of the crop."""
    return [replace(sighting, y=min(1.0, sighting.y + by)) for sighting in found]
