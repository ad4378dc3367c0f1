"""Measurements to a `Sight`: shots with their colours, curves on one grid, the path of the camera."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.framing.areas import face_areas
from actors.vlm.adapters.job import METHOD, Job
from actors.vlm.adapters.people.persons import faces_of, people_of, persons
from actors.vlm.adapters.pictures.screens import recordings
from actors.vlm.adapters.seen.prints import packed
from actors.vlm.ports import STEP, Sight
from contracts.media import Stretch
from contracts.sight import Area, LoudnessPoint, Shot, Sound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.people.faces import Faces
    from actors.vlm.adapters.pictures.motion import Motion
    from actors.vlm.adapters.seeing import Seen
    from actors.vlm.adapters.sound.listen import Heard

__all__ = ["assemble"]

LIVELY = 20.0
"""Mean luma change (0 to 255) in a fifth of a second that counts as motion 1."""
COLOURS = 5
"""Dominant colours per shot."""
SHORT = 0.5
"""Seconds that may be missing at the end without a word about it."""
NEAR = 1.1
"""Seconds within which a span of a screen begins or ends with a cut."""
LEAST_SHARE = 0.03
"""Share of the picture from which a colour is dominant."""


def assemble(job: Job, seen: Seen, heard: Heard) -> Sight:
    """Everything that was measured, as one document."""
    from actors.vlm.adapters.framing.direction import direct

    duration = round(max(seen.watched.end, min(heard.end, job.duration)), 3)
    cuts = [round(t, 3) for t in seen.cuts if SHORT / 2 < t < duration - SHORT / 2]
    spans = list(zip([0.0, *cuts], [*cuts, duration], strict=True))
    # What changes because the picture was cut is no motion.
    motion = [m for m in seen.motion if bisect_left(cuts, m.since + 1e-3) == bisect_left(cuts, m.t + 1e-3)]
    people = people_of(spans, seen.people, () if heard.speech is None else heard.speech.tolist())
    faces = faces_of(seen.people.faces, people)
    screens = recordings([_at_cuts(span, cuts) for span in seen.screens], spans, faces)
    steps = max(1, int(duration / STEP))
    return Sight(
        made_from=job.made_from,
        method=METHOD,
        duration=duration,
        shots=tuple(_shot(start, end, seen, faces, motion) for start, end in spans),
        loudness=tuple(LoudnessPoint(t=round(i * STEP, 3), lufs=v) for i, v in enumerate(heard.curve()[:steps])),
        motion=_binned([((m.since + m.t) / 2, _lively(m)) for m in motion], steps),
        sharpness=_binned(seen.sharpness, steps),
        faces=_binned([(t, float(len(boxes))) for t, boxes in faces], steps),
        framing=direct(spans, people, motion, screens=screens, texts=seen.text, aspect=seen.watched.aspect),
        people=persons(people),
        areas=_in_time([*face_areas(faces, duration), *seen.text, *seen.logos]),
        fades=tuple(seen.fades),
        screens=screens,
        active=seen.active,
        sounds=_until(heard.sounds, duration),
        prints=packed(seen.prints, heard.prints),
        warnings=_warnings(job, seen, heard, duration),
    )


def _at_cuts(span: Stretch, cuts: Sequence[float]) -> Stretch:
    """The span from cut to cut, where it begins and ends near one: it was looked at once a second."""
    start = min(cuts, key=lambda cut: abs(cut - span.start), default=span.start)
    end = min(cuts, key=lambda cut: abs(cut - span.end), default=span.end)
    return Stretch(
        start=start if abs(start - span.start) <= NEAR and start < span.end else span.start,
        end=end if abs(end - span.end) <= NEAR and end > span.start else span.end,
    )


def _until(sounds: Sequence[Sound], end: float) -> tuple[Sound, ...]:
    """What is heard while there is something to see: the sound may be longer than the film."""
    return tuple(sound.model_copy(update={"end": min(sound.end, end)}) for sound in sounds if sound.start < end)


def _in_time(areas: Sequence[Area]) -> tuple[Area, ...]:
    return tuple(sorted(areas, key=lambda area: (area.start, area.kind, area.x)))


def _lively(motion: Motion) -> float:
    return min(1.0, motion.amount / LIVELY * 0.2 / max(0.1, motion.t - motion.since))


def _shot(start: float, end: float, seen: Seen, found: Faces, motion: Sequence[Motion]) -> Shot:
    light = [value for t, value in _between(seen.colours.brightness, start, end)]
    moved = [_lively(m) for m in motion if start <= m.since < end]
    faces = [len(boxes) for t, boxes in _between(found, start, end)]
    return Shot(
        start=start,
        end=end,
        brightness=round(_mean(light), 3),
        motion=round(_mean(moved), 3),
        colors=_colours([picture for _, picture in _between(seen.colours.samples, start, end)]),
        faces=round(_mean(faces), 2),
    )


def _between(timed: Sequence[tuple[float, Any]], start: float, end: float) -> Sequence[tuple[float, Any]]:
    """The entries with start <= t < end; a cut is rounded to the millisecond, hence the margin."""
    return timed[bisect_left(timed, start - 1e-3, key=_time) : bisect_left(timed, end - 1e-3, key=_time)]


def _time(entry: tuple[float, Any]) -> float:
    return entry[0]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _binned(timed: Sequence[tuple[float, float]], steps: int) -> tuple[float, ...]:
    """Mean per STEP; a step without a value keeps the one before."""
    sums, counts = [0.0] * steps, [0] * steps
    for t, value in timed:
        index = min(steps - 1, int(t / STEP))
        sums[index] += value
        counts[index] += 1
    out, last = [], 0.0
    for total, count in zip(sums, counts, strict=True):
        last = round(total / count, 3) if count else last
        out.append(last)
    return tuple(out)


def _colours(pictures: Sequence[NDArray[Any]]) -> tuple[str, ...]:
    """Dominant colours as #rrggbb, most frequent first: means of the fullest of 512 cells, near ones merged."""
    import numpy as np

    if not pictures:
        return ()
    pixels = np.concatenate([p.reshape(-1, 3) for p in pictures]).astype(np.int32)
    cells = (pixels >> 5) @ np.array([64, 8, 1])
    counts = np.bincount(cells, minlength=512).astype(float)
    means = np.stack([np.bincount(cells, weights=pixels[:, c], minlength=512) for c in range(3)], axis=1)
    means = means / np.maximum(counts, 1)[:, None]
    chosen: list[NDArray[Any]] = []
    for cell in np.argsort(-counts, kind="stable")[:64]:
        if len(chosen) == COLOURS or counts[cell] < LEAST_SHARE * len(pixels):
            break
        if all(np.abs(means[cell] - other).max() > 40 for other in chosen):
            chosen.append(means[cell])
    return tuple("#" + "".join(f"{round(float(v)):02x}" for v in colour) for colour in chosen)


def _warnings(job: Job, seen: Seen, heard: Heard, duration: float) -> tuple[str, ...]:
    out = []
    if duration < job.duration - SHORT:
        out.append(f"the file ends after {duration:.1f} s of the {job.duration:.1f} s that it promises")
    if seen.watched.damaged:
        out.append(f"{seen.watched.damaged} pictures are broken and were left out or shown as they are")
    if heard.errors:
        out.append(f"{heard.errors} of {heard.packets} pieces of the sound are broken and were left out")
    return tuple(out)
