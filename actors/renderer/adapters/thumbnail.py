"""The picture of a short: the best of what was seen while it was made, with a face on it where there is one.

The score of a picture is how good it looks (`quality`: root of its sharpness, times exposure, times contrast) times
what its largest face adds: 1 without one, up to 2 for a face that takes a twelfth of the picture or more, in proportion
below, and half of that where the face is cut by a border.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from av.video.frame import VideoFrame

from actors.renderer.adapters.captions.block import text_block
from actors.renderer.adapters.patch import blend
from actors.renderer.adapters.planes import planes_of, tag

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
"""A face: left, top, width and height as shares of the picture."""
Paint = Callable[[VideoFrame, Sequence[Box]], None]
"""Draws on a picture (`yuv420p`, BT.709, limited range) in which there are faces."""
TITLE_AT = (0.3, 0.68)
"""Heights at which the middle of the title may be: within the square that profiles show of a tall picture."""
TITLE_LINES, TITLE_SCALE = 3, 1.7
"""As many lines at most, in letters so much larger than those of captions."""


def write_thumbnail(candidates: Sequence[Candidate], target: Path, paint: Paint | None = None) -> int:
    """Write the best picture as JPEG, with what `paint` draws on it. Returns its number in the short.

    `candidates`: at least one, as `quality.Observer` keeps them.
    """
    faces = find_faces([candidate.planes[0] for candidate in candidates])
    scores = [each.score * (1 + face_bonus(boxes)) for each, boxes in zip(candidates, faces, strict=True)]
    chosen = scores.index(max(scores))
    best = candidates[chosen]
    rows, columns = best.planes[0].shape
    frame = VideoFrame(columns, rows, "yuv420p")
    for plane, kept in zip(planes_of(frame), best.planes, strict=True):
        plane[:] = kept
    tag(frame)
    if paint is not None:
        paint(frame, faces[chosen])
    frame.to_image().save(  # type: ignore[no-untyped-call]  # PyAV types all but this
        target, "JPEG", quality=JPEG_QUALITY, optimize=True
    )
    return best.number


def titled(text: str, style: str, size: tuple[int, int], fonts: Path | None, language: str | None) -> Paint | None:
    """Sets a text in a caption style, where it covers the least of faces. None: no font has any of it, or it is empty.

    Raises `Reject` for an unknown style.
    """
    block = text_block(text, style, size, fonts, max_lines=TITLE_LINES, scale=TITLE_SCALE, language=language)
    if block is None:
        return None
    half = block.height / size[1] / 2

    def paint(frame: VideoFrame, faces: Sequence[Box]) -> None:
        y = min(TITLE_AT, key=lambda place: _covered(faces, place - half, place + half))
        blend(frame, block.centered(size[0] / 2, y * size[1]))

    return paint


def _covered(faces: Sequence[Box], top: float, bottom: float) -> float:
    """How much of faces lies in a band of the picture; shares of its height, added up."""
    return sum(max(0.0, min(bottom, y + height) - max(top, y)) for _, y, _, height in faces)


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
