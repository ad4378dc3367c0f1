"""Faces and the motion of their mouths, looked for while the clip is decoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.people.faces import WIDTH, Face, FaceFinder, Faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.pictures.picture import Picture

__all__ = ["Led", "Mouths", "PeopleSeen", "PeopleWatch"]

STILL = 1.0
"""Mean luma change (0 to 255) below which the faces of the last look are taken over."""
SUDDEN = 20.0
"""Mean luma change of one picture that is most likely a cut."""
NEAR = 0.15
"""Share of a face's width by which following it may be off."""
MOUTH_WIDTH = 640
"""Pixels of the pictures that mouths are looked at in."""
MOUTH_GAP = 0.075
"""Seconds between two looks at a mouth; speech has four to six syllables a second."""
LEAST_FACE = 26
"""Pixels (of MOUTH_WIDTH) that a face must be wide for its mouth to be told from noise."""
MOST_MOUTHS = 4
"""Faces whose mouths are looked at, the largest ones."""
PATCH = (48, 56)
"""Pixels that a face is brought to before its mouth is measured."""
GREY = 8.0
"""Luma that is added to the contrast of a face, so that noise in a dark one is not taken for motion."""

Mouths = dict[tuple[float, Face], list[tuple[float, float]]]
"""For a face of a look: at what times its mouth was looked at until the next look, and how much it moved there."""
Led = dict[tuple[float, Face], Face]
"""For a face of a look: where it was followed to, by the time of the next look."""


@dataclass(frozen=True)
class PeopleSeen:
    """The faces of every look, what their mouths did until the next one, and where they went until then."""

    faces: Faces = field(default_factory=list)
    mouths: Mouths = field(default_factory=dict)
    led: Led = field(default_factory=dict)


class PeopleWatch:
    """Looks for faces `faces_per_s` times a second (0: never), half as often in clips of more than an hour.

    Where all faces of a look were where they had been followed to, the next look only follows them; after a sudden
    change it is at once.
    """

    def __init__(self, duration: float, faces_per_s: float) -> None:
        self._seen = PeopleSeen()
        self._every = (2 if duration > 3600 else 1) / faces_per_s if faces_per_s > 0 else 0.0
        self._finder = FaceFinder() if faces_per_s > 0 else None
        self._changed = 0.0
        self._steady = self._sudden = False
        self._mouths = _MouthMeter(self._seen)

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        if self._finder is None:
            return
        found = self._seen.faces
        self._changed += picture.change
        self._sudden = self._sudden or picture.change > SUDDEN
        past = picture.t - found[-1][0] if found else self._every
        # Where no face was seen for a while half as often is enough.
        rare = len(found) >= 8 and not any(faces for _, faces in found[-8:])
        if past >= self._every * (2 if rare else 1) - 0.02 or (self._sudden and past >= MOUTH_GAP):
            self._look(picture, self._finder)
        else:
            self._mouths.see(picture)

    def _look(self, picture: Picture, finder: FaceFinder) -> None:
        found = self._seen.faces
        followed = self._mouths.end(picture)
        if found and self._changed < STILL:
            faces = found[-1][1]
        elif self._steady and not self._sudden and len(followed) == len(found[-1][1]):
            faces, self._steady = followed, False
        else:
            faces = finder.find(picture.colour(WIDTH))
            self._steady = len(faces) == len(followed) > 0 and all(
                max(abs(a.x - b.x), abs(a.y - b.y)) < NEAR * b.w
                for a, b in zip(sorted(followed), sorted(faces), strict=True)
            )
        found.append((picture.t, faces))
        self._changed, self._sudden = 0.0, False
        self._mouths.begin(picture, faces)

    def finish(self) -> PeopleSeen:
        """Everything that was seen, in order of time."""
        return self._seen


class _MouthMeter:
    """Measures how much the mouths of the faces of the last look move, while the faces are followed by their eyes."""

    def __init__(self, found: PeopleSeen) -> None:
        self._found = found
        self._faces: list[tuple[tuple[float, Face], Face]] = []
        self._before: NDArray[Any] | None = None
        self._t = 0.0

    def begin(self, picture: Picture, faces: tuple[Face, ...]) -> None:
        """These faces are in this picture."""
        large = [face for face in faces[:MOST_MOUTHS] if face.w * MOUTH_WIDTH >= LEAST_FACE]
        self._faces = [((picture.t, face), face) for face in large]
        self._before, self._t = picture.gray(MOUTH_WIDTH) if large else None, picture.t

    def see(self, picture: Picture) -> None:
        """One more picture with them."""
        if self._before is not None and picture.t - self._t >= MOUTH_GAP:
            self._measure(picture, self._before)

    def end(self, picture: Picture) -> tuple[Face, ...]:
        """The last picture with them; where they are in it."""
        if self._before is not None:
            self._measure(picture, self._before)
        self._found.led.update(self._faces)
        return tuple(face for _, face in self._faces)

    def _measure(self, picture: Picture, before: NDArray[Any]) -> None:
        now = picture.gray(MOUTH_WIDTH)
        moved = []
        for key, face in self._faces:
            amount, followed = _mouth(before, now, face)
            self._found.mouths.setdefault(key, []).append((picture.t, amount))
            moved.append((key, followed))
        self._faces, self._before, self._t = moved, now, picture.t


def _mouth(before: NDArray[Any], now: NDArray[Any], face: Face) -> tuple[float, Face]:
    """How much the mouth moved besides the head, as a share of the face's contrast; the face where it is now."""
    import cv2
    import numpy as np

    old, new = _patch(before, face), _patch(now, face)
    upper = slice(round(0.12 * PATCH[1]), round(0.58 * PATCH[1]))
    (across, down), _ = cv2.phaseCorrelate(old[upper], new[upper])
    if max(abs(across), abs(down)) > PATCH[0] / 4:  # no motion of a head in a tenth of a second
        across = down = 0.0
    back = np.array([[1, 0, across], [0, 1, down]], np.float32)
    new = cv2.warpAffine(
        new, back, PATCH, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    difference = np.abs(new - old)
    x, y = face.mouth or (face.x, face.y + 0.26 * face.h)
    middle = ((x - face.x) / face.w + 0.5) * PATCH[0], ((y - face.y) / face.h + 0.5) * PATCH[1]
    rows = slice(max(0, round(middle[1] - 0.13 * PATCH[1])), round(middle[1] + 0.15 * PATCH[1]))
    columns = slice(max(0, round(middle[0] - 0.24 * PATCH[0])), round(middle[0] + 0.24 * PATCH[0]))
    mouth, head = difference[rows, columns], difference[upper, 6:-6]
    amount = max(0.0, float(mouth.mean()) - float(head.mean())) / (float(old.std()) + GREY) if mouth.size else 0.0
    step = across / PATCH[0] * face.w, down / PATCH[1] * face.h
    return round(amount, 4), _moved(face, *step)


def _patch(gray: NDArray[Any], face: Face) -> NDArray[Any]:
    """The face as float32 of shape (PATCH[1], PATCH[0])."""
    import cv2
    import numpy as np

    height, width = gray.shape
    left, right = _bounds(face.x, face.w, width)
    top, bottom = _bounds(face.y, face.h, height)
    patch: NDArray[Any] = cv2.resize(gray[top:bottom, left:right], PATCH, interpolation=cv2.INTER_AREA)
    return patch.astype(np.float32)


def _bounds(middle: float, size: float, pixels: int) -> tuple[int, int]:
    first = min(max(0, round((middle - size / 2) * pixels)), pixels - 2)
    return first, max(first + 2, min(pixels, round((middle + size / 2) * pixels)))


def _moved(face: Face, x: float, y: float) -> Face:
    mouth = (face.mouth[0] + x, face.mouth[1] + y) if face.mouth else None
    return face._replace(
        x=round(face.x + x, 4), y=round(face.y + y, 4), eyes=None if face.eyes is None else face.eyes + y, mouth=mouth
    )
