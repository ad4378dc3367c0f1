"""Whether the crop shows who it should: the framing of a talk against where its faces really are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from actors.renderer.core.framing import Aim, Window, aims, cover_window, framing_mode, panels
from contracts.sight import Framing, Person
from tools.quality.counts import Measured
from tools.quality.making.truth import Face, Truth

__all__ = ["faces", "reversals", "turns"]

CANVAS = (1080, 1920)
"""What the picture is cut for."""
TURN_S = 1.0
"""Seconds after a change of speaker in which the one before may still be shown."""
EDGE = 0.1
"""Share of a face that may be outside of the crop."""
REVERSAL = 0.005
"""Share of the picture's width from which a movement back is a reversal."""


def faces(truth: Truth, framing: Framing, out: Measured) -> None:
    """Is who speaks, or the only one in sight, within what is shown of the source?"""
    aspect = truth.width / truth.height
    mode = framing_mode("auto", framing, aspect)
    path = aims(
        framing.model_copy(update={"mode": mode}), 0.0, round(truth.duration * truth.fps), 1 / truth.fps, truth.fps
    )
    lost: list[float] = []
    for look in truth.faces:
        if not look.seen:
            continue
        aim = path[min(len(path) - 1, round(look.t * truth.fps))]
        shown = _windows(aim, aspect)
        out.faces += 1
        out.fitted += any(window.width >= 1 and window.height >= 1 for window in shown) and aspect > 1
        wanted = _wanted(truth, look.t, look.seen)
        if any(_holds(window, face) for window in shown for face in wanted):
            out.kept += 1
        else:
            lost.append(look.t)
    out.failures += [f"face: outside {a:.1f} to {b:.1f}" for a, b in _runs(lost)]


def _windows(aim: Aim, aspect: float) -> list[Window]:
    """What is seen of the source in every panel of the canvas."""
    whole = Window(0.0, 0.0, 1.0, 1.0)
    return [
        whole if panel.fit else cover_window(aspect, 1.0, panel.width / panel.height, panel.center, panel.zoom)
        for panel in panels(aim, aspect, *CANVAS)
    ]


def _holds(window: Window, face: Face) -> bool:
    across, down = EDGE * face.width, EDGE * face.height
    return (
        window.x <= face.x + across
        and face.x + face.width - across <= window.x + window.width
        and window.y <= face.y + down
        and face.y + face.height - down <= window.y + window.height
    )


def _wanted(truth: Truth, t: float, seen: Sequence[Face]) -> list[Face]:
    """The faces of which one must be shown: of who speaks, or has until a moment ago; of anybody if they are away."""
    speakers = {_speaker(truth, t), _speaker(truth, t - TURN_S)}
    speaking = [face for face in seen if face.person in speakers]
    return speaking or list(seen)


def _speaker(truth: Truth, t: float) -> int | None:
    """Who speaks at `t`, or spoke last."""
    index = bisect_right(truth.words, t, key=lambda word: word.start)
    return truth.words[index - 1].speaker if index else None


def _runs(times: Sequence[float]) -> list[tuple[float, float]]:
    """Times that follow each other closely, as spans."""
    runs: list[tuple[float, float]] = []
    for t in times:
        runs = [*runs[:-1], (runs[-1][0], t)] if runs and t - runs[-1][1] < 0.6 else [*runs, (t, t)]
    return runs


def reversals(truth: Truth, framing: Framing) -> int:
    """How often the crop turns round on its way to the left or right; a jump at a cut is no turn."""
    path = aims(framing, 0.0, round(truth.duration * truth.fps), 1 / truth.fps, truth.fps)
    jumps = sorted({*framing.cuts, *(t for section in framing.sections for t in (section.start, section.end))})
    count, way, far, piece = 0, 0, 0.5, -1
    for number, aim in enumerate(path):
        x, now = aim.center[0], bisect_right(jumps, number / truth.fps + 0.002)
        if now != piece or aim.mode != "track":
            piece, way, far = now, 0, x
        elif way * (x - far) >= 0:
            if way or abs(x - far) >= REVERSAL:
                way, far = (1 if x > far else -1 if x < far else way), x
        elif abs(x - far) >= REVERSAL:
            count, way, far = count + 1, -way, x
    return count


def turns(truth: Truth, people: Sequence[Person], out: Measured) -> None:
    """At instants within words at which two people are seen: does the one who is said to speak speak?"""
    wrong: list[float] = []
    for look in truth.faces:
        word = next((w for w in truth.words if w.start <= look.t <= w.end), None)
        if word is None or len(look.seen) < 2 or word.speaker not in {face.person for face in look.seen}:
            continue
        out.turns += 1
        told = {_nearest(person, look.t, look.seen) for person in people if _speaks(person, look.t)} - {None}
        out.turns_unknown += not told
        if told == {word.speaker}:
            out.turns_right += 1
        else:
            wrong.append(look.t)
    if len(wrong) > 0.1 * out.turns:
        out.failures.append(f"speaker: wrong or unknown at {len(wrong)} of {out.turns} instants")


def _speaks(person: Person, t: float) -> bool:
    return any(stretch.start <= t <= stretch.end for stretch in person.speaking)


def _nearest(person: Person, t: float, seen: Sequence[Face]) -> int | None:
    """Which of the faces a person is; none if they are not in sight at `t`."""
    points = person.points
    if not points or not points[0].t - 0.3 <= t <= points[-1].t + 0.3:
        return None
    index = min(len(points) - 1, max(0, bisect_right(points, t, key=lambda point: point.t) - 1))
    x = points[index].x + points[index].width / 2
    near = min(seen, key=lambda face: abs(face.x + face.width / 2 - x))
    return near.person if abs(near.x + near.width / 2 - x) < near.width else None
