"""Faces by OpenCV's frontal Haar cascade `alt2`, which comes with its wheel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.picture import Picture

__all__ = ["Box", "FaceFinder", "FaceWatch"]

WIDTH = 480
"""Pixels; wider pictures are made smaller before faces are looked for."""
STILL = 1.0
"""Mean luma change (0 to 255) below which the faces of the last picture are taken over."""


class Box(NamedTuple):
    """A face: its centre and size as shares of the displayed picture."""

    x: float
    y: float
    w: float
    h: float


class FaceFinder:
    """Finds frontal faces in gray pictures. Raises `ConfigurationError` where the cascade is missing."""

    def __init__(self) -> None:
        import cv2

        path = str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_alt2.xml")
        self._cascade = cv2.CascadeClassifier(path)
        if self._cascade.empty():
            raise ConfigurationError(
                f"OpenCV has no face cascade at {path}",
                advice="Install opencv-python-headless 4.14, as the extra `vlm` asks",
            )

    def find(self, gray: NDArray[Any]) -> tuple[Box, ...]:
        """The faces in a picture of shape (height, width), largest first."""
        height, width = gray.shape
        least = max(24, int(min(height, width) * 0.08))
        found = self._cascade.detectMultiScale(gray, scaleFactor=1.2, minNeighbors=4, minSize=(least, least))
        boxes = [
            Box(
                round((x + w / 2) / width, 4), round((y + h / 2) / height, 4), round(w / width, 4), round(h / height, 4)
            )
            for x, y, w, h in (tuple(int(v) for v in box) for box in found)
        ]
        return tuple(sorted(boxes, key=lambda box: (-box.w * box.h, box.x, box.y)))


class FaceWatch:
    """Looks for faces `faces_per_s` times a second (0: never), half as often in clips of more than an hour."""

    def __init__(self, duration: float, faces_per_s: float) -> None:
        self._found: list[tuple[float, tuple[Box, ...]]] = []
        self._every = (2 if duration > 3600 else 1) / faces_per_s if faces_per_s > 0 else 0.0
        self._finder = FaceFinder() if faces_per_s > 0 else None
        self._changed = 0.0

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        found, self._changed = self._found, self._changed + picture.change
        if self._finder is None:
            return
        # Where no face was seen for a while half as often is enough; every look costs as much as ten decoded pictures.
        rare = len(found) >= 8 and not any(boxes for _, boxes in found[-8:])
        if found and picture.t - found[-1][0] < self._every * (2 if rare else 1) - 0.02:
            return
        still = found and self._changed < STILL
        found.append((picture.t, found[-1][1] if still else self._finder.find(picture.gray(WIDTH))))
        self._changed = 0.0

    def finish(self) -> list[tuple[float, tuple[Box, ...]]]:
        """The faces at every instant that was looked at."""
        return self._found
