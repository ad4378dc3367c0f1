"""A decoded picture as the observers of a clip get it: small, turned and stretched as a player shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SIDE", "Observer", "Picture", "Scaler", "difference"]

SIDE = 128
"""Longer side, in pixels, of the pictures that every observer gets."""

PLANAR = frozenset({"yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuvj422p", "yuvj444p", "nv12"})
"""Formats whose first plane is luma of eight bits: it is scaled as it lies, five times faster than by a conversion."""
FULL_RANGE = 2
"""FFmpeg's AVCOL_RANGE_JPEG: luma from 0 to 255, not from 16 to 235."""

Found_co = TypeVar("Found_co", covariant=True)


def difference(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Mean absolute difference of two arrays of one shape, in one pass."""
    import cv2

    return cv2.norm(one, other, cv2.NORM_L1) / one.size


class Picture:
    """One picture of the clip. Arrays are shared by all observers and must not be written to.

    `t`: seconds from the start of the clip. `rgb`: uint8 of shape (height, width, 3), longer side SIDE. `luma`: the
    same as uint8 of shape (height, width). `change`: mean difference of `luma` to the picture before (0 to 255); 0 for
    the first one.
    """

    def __init__(self, t: float, frame: Any, scaler: Scaler, before: Picture | None) -> None:
        import cv2

        self.t = t
        self.rgb: NDArray[Any] = scaler.rgb(frame, SIDE)
        self.luma: NDArray[Any] = cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY)
        self.change = 0.0 if before is None else difference(self.luma, before.luma)
        self._frame, self._scaler = frame, scaler
        self._made: dict[tuple[str, int], NDArray[Any]] = {}

    def gray(self, longest: int) -> NDArray[Any]:
        """Luma, uint8 of shape (height, width), longer side at most `longest`; made once for all who ask."""
        return self._kept("gray", longest)

    def colour(self, longest: int) -> NDArray[Any]:
        """RGB, uint8 of shape (height, width, 3), longer side at most `longest`; made once for all who ask."""
        return self._kept("rgb", longest)

    def _kept(self, kind: str, longest: int) -> NDArray[Any]:
        key = (kind, longest)
        if key not in self._made:
            make = self._scaler.gray if kind == "gray" else self._scaler.rgb
            self._made[key] = make(self._frame, longest)
        return self._made[key]


class Observer(Protocol[Found_co]):
    """Looks at one concern in every picture that is decoded, in order of time, and says at the end what it found."""

    def see(self, picture: Picture) -> None:
        """Look at the next picture. Keep what is needed of it, not the picture: it holds the decoded frame."""
        ...

    def finish(self) -> Found_co:
        """Everything that was found, the last pictures included. Called once, after the last picture, if any."""
        ...


class Scaler:
    """Frames to small pictures, turned and stretched as a player shows them; all of the first one's shape."""

    def __init__(self, frame: Any, aspect: float) -> None:
        """`aspect`: width of a pixel divided by its height."""
        import numpy as np

        self._size = (frame.width * aspect, float(frame.height))
        self._turns = round(frame.rotation / 90) % 4
        self._reformatters: dict[tuple[str, int], Any] = {}
        self._full_range = np.clip(np.rint((np.arange(256) - 16) * (255 / 219)), 0, 255).astype(np.uint8)

    def rgb(self, frame: Any, longest: int) -> NDArray[Any]:
        """RGB of shape (height, width, 3). In two steps: the fast scaler alone would flicker."""
        import cv2

        picture = self._reformatted(frame, "rgb24", 2 * longest)
        return self._turned(cv2.resize(picture, self._fitting(longest), interpolation=cv2.INTER_AREA))

    def gray(self, frame: Any, longest: int) -> NDArray[Any]:
        """Luma of shape (height, width), from 0 for black to 255 for white."""
        import cv2
        import numpy as np

        if frame.format.name not in PLANAR:
            return self._turned(self._reformatted(frame, "gray", longest))
        plane = frame.planes[0]
        luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
        small = cv2.resize(luma, self._fitting(longest), interpolation=cv2.INTER_LINEAR)
        if frame.color_range != FULL_RANGE and not frame.format.name.startswith("yuvj"):
            small = cv2.LUT(small, self._full_range)
        return self._turned(small)

    def _reformatted(self, frame: Any, kind: str, longest: int) -> NDArray[Any]:
        """By a scaler that is made once for each size: making one takes longer than scaling."""
        from av.video.reformatter import VideoReformatter

        reformatter = self._reformatters.setdefault((kind, longest), VideoReformatter())
        size = self._fitting(longest)
        scaled = reformatter.reformat(frame, *size, kind, interpolation="FAST_BILINEAR", threads=1)
        picture: NDArray[Any] = scaled.to_ndarray()
        return picture

    def _fitting(self, longest: int) -> tuple[int, int]:
        """Width and height before turning that fit `longest`, with square pixels."""
        width, height = self._size
        scale = min(1.0, longest / max(width, height))
        return max(2, round(width * scale)), max(2, round(height * scale))

    def _turned(self, picture: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        return np.ascontiguousarray(np.rot90(picture, self._turns)) if self._turns else picture
