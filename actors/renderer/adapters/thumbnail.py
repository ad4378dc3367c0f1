"""The picture of a short: the best of what was seen while it was made, with a face on it where there is one.

The score of a picture is how good it looks (`quality`: root of its sharpness, times exposure, times contrast) times
what its largest face adds: 1 without one, up to 2 for a face that takes a twelfth of the picture or more, in proportion
below, and half of that where the face is cut by a border. Faces are those that the analysis saw, and what is found in
the picture itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from av.video.frame import VideoFrame

from actors.renderer.adapters.captions.block import TextBlock, text_block
from actors.renderer.adapters.patch import blend
from actors.renderer.adapters.planes import planes_of, tag
from actors.renderer.core.places import Spot

if TYPE_CHECKING:
    from actors.renderer.adapters.quality import Candidate

__all__ = ["Box", "Paint", "face_bonus", "find_faces", "titled", "write_thumbnail"]

JPEG_QUALITY = 90
WIDTH = 480
"""Pixels; wider pictures are made smaller before faces are looked for."""
LEAST_FACE = 0.12
"""Side of the smallest face, as a share of the picture's shorter side: a smaller one adds less than a tenth."""
LARGE_FACE = 1 / 12
EDGE = 0.02

Box = tuple[float, float, float, float]
"""A face or a text: left, top, width and height as shares of the picture."""
Paint = Callable[[VideoFrame, Sequence[Box], Sequence[Box]], None]
"""Draws on a picture (`yuv420p`, BT.709, limited range) in which there are such faces and such texts."""
TITLE_AT = (0.3, 0.68)
"""Heights at which the middle of the title is best: within the square that some profiles show of a tall picture."""
GRID, STEP = 4 / 3, 0.01
"""Height by width of the part that others show, which the title stays in; and how far apart its places are."""
TITLE_LINES, TITLE_SCALES = 3, (1.7, 1.45, 1.2, 1.0, 0.85)
"""As many lines at most, in letters so much larger than those of captions; smaller ones where these cover less."""
INK = 0.85
"""Share of a title's height that its letters take; the rest is their shadow."""
TEXT = 0.8
"""What it costs to cover a text; a face costs 1."""


def write_thumbnail(
    candidates: Sequence[Candidate], target: Path, paint: Paint | None = None, seen: Sequence[Spot] = ()
) -> int:
    """Write the best picture as JPEG, with what `paint` draws on it. Returns its number in the short.

    `candidates`: at least one, as `quality.Observer` keeps them. `seen`: what the analysis saw in the short.
    """
    found = find_faces([candidate.planes[0] for candidate in candidates])
    faces = [(*own, *_seen(seen, each, "face")) for each, own in zip(candidates, found, strict=True)]
    scores = [each.score * (1 + face_bonus(boxes)) for each, boxes in zip(candidates, faces, strict=True)]
    chosen = scores.index(max(scores))
    best = candidates[chosen]
    rows, columns = best.planes[0].shape
    frame = VideoFrame(columns, rows, "yuv420p")
    for plane, kept in zip(planes_of(frame), best.planes, strict=True):
        plane[:] = kept
    tag(frame)
    if paint is not None:
        paint(frame, faces[chosen], _seen(seen, best, "text"))
    frame.to_image().save(target, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return best.number


def _seen(spots: Sequence[Spot], candidate: Candidate, kind: str) -> tuple[Box, ...]:
    return tuple(
        (spot.left, spot.top, spot.right - spot.left, spot.bottom - spot.top)
        for spot in spots
        if spot.kind == kind and spot.first <= candidate.number < spot.last
    )


def titled(text: str, style: str, size: tuple[int, int], fonts: Path | None, language: str | None) -> Paint | None:
    """Sets a text in a caption style, where it covers the least of faces and of texts.

    None: no font has any of it, or it is empty. Raises `Reject` for an unknown style.
    """

    def block(scale: float) -> TextBlock | None:
        return text_block(text, style, size, fonts, max_lines=TITLE_LINES, scale=scale, language=language)

    if block(TITLE_SCALES[0]) is None:
        return None

    def paint(frame: VideoFrame, faces: Sequence[Box], texts: Sequence[Box]) -> None:
        sizes = [each for scale in TITLE_SCALES if (each := block(scale)) is not None]
        places = [
            (each, *_place(each.width / size[0], INK * each.height / size[1], size, faces, texts)) for each in sizes
        ]
        best, y, _ = min(places, key=lambda place: place[2])  # of those that cover as little, the largest
        blend(frame, best.centered(size[0] / 2, y * size[1]))

    return paint


def _place(
    width: float, height: float, size: tuple[int, int], faces: Sequence[Box], texts: Sequence[Box]
) -> tuple[float, float]:
    """The middle of a title of that size, as a share of the picture's height, and how much it covers there."""
    reach = max(0.0, min(0.95, GRID * size[0] / size[1]) - height) / 2
    steps = int(reach / STEP)
    heights = [y for y in (*TITLE_AT, *(0.5 + STEP * n for n in range(-steps, steps + 1))) if abs(y - 0.5) <= reach]

    def cost(y: float) -> float:
        title = (0.5 - width / 2, y - height / 2, width, height)
        share = sum(_covered(face, title) for face in faces) + TEXT * sum(_covered(each, title) for each in texts)
        return round(share, 2)

    y = min(heights or (0.5,), key=lambda y: (cost(y), min(abs(y - best) for best in TITLE_AT)))
    return y, cost(y)


def _covered(one: Box, other: Box) -> float:
    """How much of the smaller of two boxes lies in the other one: 0 to 1."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    smaller = min(one[2] * one[3], other[2] * other[3])
    return max(0.0, across) * max(0.0, down) / max(smaller, 1e-9)


def face_bonus(boxes: Sequence[Box]) -> float:
    """What the faces in a picture add to its score, 0 to 1: that of the one that adds most."""
    return max((_bonus(box) for box in boxes), default=0.0)


def _bonus(box: Box) -> float:
    x, y, width, height = box
    cut = x < EDGE or y < EDGE or x + width > 1 - EDGE or y + height > 1 - EDGE
    return min(1.0, width * height / LARGE_FACE) * (0.5 if cut else 1.0)


def find_faces(lumas: Sequence[Any]) -> list[tuple[Box, ...]]:
    """The frontal faces in each picture, by OpenCV's Haar cascade `alt2`; none where OpenCV is not installed."""
    try:
        import cv2
    except ImportError:
        return [()] * len(lumas)
    cv2.setNumThreads(1)  # the processors are busy with the next short
    cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_alt2.xml"))
    if cascade.empty():
        return [()] * len(lumas)  # OpenCV 5 no longer brings it
    return [_faces(cv2, cascade, luma) for luma in lumas]


def _faces(cv2: Any, cascade: Any, luma: Any) -> tuple[Box, ...]:
    rows, columns = luma.shape
    scale = min(1.0, WIDTH / max(rows, columns))
    wide, high = max(1, round(columns * scale)), max(1, round(rows * scale))
    small = cv2.resize(np.ascontiguousarray(luma), (wide, high), interpolation=cv2.INTER_AREA)
    least = max(24, round(LEAST_FACE * min(wide, high)))
    found = cascade.detectMultiScale(small, scaleFactor=1.2, minNeighbors=4, minSize=(least, least))
    return tuple((int(x) / wide, int(y) / high, int(w) / wide, int(h) / high) for x, y, w, h in found)
