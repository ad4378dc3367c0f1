"""One decode of a clip at low resolution: cuts, brightness, motion, colours, faces.

Frames that no other frame refers to are skipped and the deblocking filter is off: that is 1.7 times faster and finds
the same cuts. Times are seconds as a player shows them; pictures are turned and stretched as it shows them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.cuts import CutFinder
from actors.vlm.adapters.faces import STILL, WIDTH, Box, FaceFinder
from actors.vlm.adapters.opening import ADVICE, opened, start_of
from runtime.errors import Reject

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Motion", "Seen", "see"]

SIDE = 128
"""Longer side, in pixels, of the pictures that cuts, motion and colours are measured on."""
MOTION_GAP = 0.18
"""Seconds between two pictures that motion is measured between."""
STILL_PIXELS = 0.3
"""Pixels (of SIDE) between two pictures that leaves and noise move."""
BACKGROUND = 0.15
"""Share of the picture with texture from which the camera's own motion can be told from a subject's."""
PARALLAX = 0.6
"""Share of the camera's own motion by which near and far ground may differ from it."""
BRISK = 4.0
"""Pixels (of SIDE) a second from which a moving thing counts in full: it crosses the picture in half a minute."""
DENSE = 5.0
"""Mean luma change over a fifteenth of the picture's side: a subject moves in one piece, grass and water do not."""
MOST_PIXELS = 36_000_000
"""A decoder needs up to 40 bytes for a pixel; 8K is 33 megapixels."""
MOST_DAMAGE = 0.25
"""Share of broken frames above which a clip is refused: nothing measured on it would be true."""
MOST_SAMPLES = 3600
"""Pictures kept for colours, whatever the length."""


@dataclass(frozen=True)
class Motion:
    """What moved between `since` and `t`: mean luma change (0 to 255), and where, as shares of the picture."""

    since: float
    t: float
    amount: float
    x: float
    y: float
    mass: float


@dataclass
class Seen:
    """Everything measured on the pictures. `faces`: per looked-at instant; `samples`: small pictures for colours."""

    end: float = 0.0
    frames: int = 0
    damaged: int = 0
    cuts: list[float] = field(default_factory=list)
    brightness: list[tuple[float, float]] = field(default_factory=list)
    motion: list[Motion] = field(default_factory=list)
    faces: list[tuple[float, tuple[Box, ...]]] = field(default_factory=list)
    samples: list[tuple[float, NDArray[Any]]] = field(default_factory=list)


def see(
    path: Path,
    *,
    duration: float,
    faces_per_s: float,
    threads: int,
    every_frame: bool,
    progress: Callable[[float], None],
) -> Seen:
    """Look at the whole file. `duration` is the promised one. `every_frame`: also those that none refers to.
    `progress` gets the time reached, in seconds.

    Raises `Reject` for what has no picture, is too large to decode safely, or is broken beyond use.
    """
    import av

    with opened(path) as container:
        stream = _video_of(container)
        context = stream.codec_context
        context.thread_type = "AUTO"
        context.thread_count = threads if context.width * context.height <= MOST_PIXELS // 4 else 1
        if not every_frame:
            context.skip_frame = "NONREF"
        context.options = {"skip_loop_filter": "all", "max_pixels": str(MOST_PIXELS)}
        eye = _Eye(start_of(container), duration, faces_per_s, float(stream.sample_aspect_ratio or 1) or 1.0)
        try:
            for packet in container.demux(stream):
                try:
                    for frame in packet.decode():
                        eye.look(frame)
                except MemoryError:  # FFmpeg's own is one of these and an FFmpegError
                    raise
                except av.FFmpegError:
                    eye.seen.damaged += 1
                progress(eye.seen.end)
        except MemoryError:
            raise
        except av.FFmpegError:  # the file ends in rubbish; what was seen so far counts
            eye.seen.damaged += 1
    return _judged(eye.finish())


def _video_of(container: Any) -> Any:
    import av

    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        raise Reject("the clip's media has no video", advice="Give a file with a picture; sound alone cannot be cut")
    stream = max(streams, key=lambda s: (bool(s.disposition & av.stream.Disposition.default), -s.index))
    pixels = stream.codec_context.width * stream.codec_context.height
    if pixels > MOST_PIXELS:
        raise Reject(
            f"the picture is {stream.codec_context.width}x{stream.codec_context.height}, more than 36 megapixels",
            advice="Make it smaller (8K or less) and give it again",
        )
    return stream


def _judged(seen: Seen) -> Seen:
    if not seen.frames:
        raise Reject("not one picture of the clip could be decoded", advice=ADVICE)
    if seen.damaged > MOST_DAMAGE * (seen.frames + seen.damaged):
        raise Reject(
            f"{seen.damaged} of {seen.frames + seen.damaged} pictures of the clip are broken",
            advice=f"{ADVICE}. If it plays well, raise CLIPWIRE_VLM_MEMORY_MB",
        )
    return seen


class _Eye:
    """Turns decoded frames into measurements."""

    def __init__(self, start: float, duration: float, faces_per_s: float, aspect: float) -> None:
        self.seen = Seen()
        self._start = start
        self._sample_every = max(1.0, duration / MOST_SAMPLES)
        hours = duration / 3600
        self._face_every = (1 / faces_per_s) * (2 if hours > 1 else 1) if faces_per_s > 0 else 0.0
        self._cutter = CutFinder()
        self._finder = FaceFinder() if faces_per_s > 0 else None
        self._aspect = aspect
        self._scaler: _Scaler | None = None
        self._last = -1.0
        self._moved: tuple[float, NDArray[Any]] | None = None
        self._since_faces = 255.0

    def look(self, frame: Any) -> None:
        """Measure one frame; frames that go back in time are left out."""
        import cv2

        if frame.pts is None:
            return
        t = float(frame.pts * frame.time_base) - self._start
        if t <= self._last or t < -0.001:
            return
        t, self._last = max(0.0, t), t
        seen = self.seen
        seen.frames += 1
        seen.damaged += bool(frame.is_corrupt)
        seen.end = t + (float(frame.duration * frame.time_base) if frame.duration else 0.04)
        self._scaler = self._scaler or _Scaler(frame, self._aspect)
        rgb = self._scaler.colours(frame)
        luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        change = self._cutter.push(t, rgb, luma)
        seen.brightness.append((t, float(luma.mean()) / 255))
        self._since_faces += change
        self._sample(t, rgb, change)
        self._motion(t, luma)
        self._faces(t, frame, self._scaler)

    def finish(self) -> Seen:
        """Everything, the last pictures included."""
        self.seen.cuts = self._cutter.finish()
        return self.seen

    def _sample(self, t: float, rgb: NDArray[Any], change: float) -> None:
        due = not self.seen.samples or t - self.seen.samples[-1][0] >= self._sample_every
        if due or (change > 12 and len(self.seen.samples) < 2 * MOST_SAMPLES):
            self.seen.samples.append((t, rgb[1::3, 1::3].copy()))

    def _motion(self, t: float, luma: NDArray[Any]) -> None:
        import cv2

        if self._moved is None:
            self._moved = (t, cv2.blur(luma, (3, 3)))
        elif t - self._moved[0] >= MOTION_GAP:
            now = cv2.blur(luma, (3, 3))
            self.seen.motion.append(_moved(self._moved[0], t, self._moved[1], now))
            self._moved = (t, now)

    def _faces(self, t: float, frame: Any, scaler: _Scaler) -> None:
        finder, faces = self._finder, self.seen.faces
        if finder is None:
            return
        # Where no face was seen for a while half as often is enough; every look costs as much as ten decoded pictures.
        rare = len(faces) >= 8 and not any(boxes for _, boxes in faces[-8:])
        if faces and t - faces[-1][0] < self._face_every * (2 if rare else 1) - 0.02:
            return
        still = faces and self._since_faces < STILL
        faces.append((t, faces[-1][1] if still else finder.find(scaler.gray(frame))))
        self._since_faces = 0.0


def _moved(since: float, t: float, before: NDArray[Any], now: NDArray[Any]) -> Motion:
    """Where something moves by itself: the densest window of a third of the picture, and the centre of mass in it.

    What moves as the camera does (the median flow of all that has texture) or hardly at all (leaves, noise) is no
    subject. Flow after Farneback, Two-Frame Motion Estimation Based on Polynomial Expansion, 2003.
    """
    import cv2
    import numpy as np

    difference = cv2.absdiff(before, now).astype(np.float32)
    amount = float(difference.mean())
    mass = np.maximum(difference - max(8.0, 2 * float(np.median(difference))), 0)
    if mass.any():
        mass *= np.clip(_own_speed(before, now) / (t - since) / BRISK, 0, 1)
        mass[cv2.blur(mass, (9, 9)) < DENSE] = 0
        rim = max(1, min(mass.shape) // 20)  # where a moving camera uncovers what was not there before
        mass[:rim], mass[-rim:], mass[:, :rim], mass[:, -rim:] = 0, 0, 0, 0
    total = float(mass.sum())
    if total <= 0:
        return Motion(since, t, amount, 0.5, 0.5, 0.0)
    x = _centre(mass.sum(axis=0))
    columns = np.arange(mass.shape[1]) / mass.shape[1]
    y = _centre(mass[:, np.abs(columns - x) < 0.2].sum(axis=1))
    return Motion(since, t, amount, x, y, total / mass.size)


def _own_speed(before: NDArray[Any], now: NDArray[Any]) -> NDArray[Any]:
    """Pixels that every point moved besides the camera."""
    import cv2
    import numpy as np

    flow = cv2.calcOpticalFlowFarneback(before, now, np.zeros((*before.shape, 2), np.float32), 0.5, 3, 11, 2, 5, 1.1, 0)
    texture = np.hypot(cv2.Sobel(before, cv2.CV_32F, 1, 0), cv2.Sobel(before, cv2.CV_32F, 0, 1)) > 24
    least = STILL_PIXELS
    if texture.mean() > BACKGROUND:
        camera = np.median(flow[texture], axis=0)
        flow = flow - camera
        least += PARALLAX * float(np.hypot(*camera))
    speed: NDArray[Any] = np.maximum(np.hypot(flow[..., 0], flow[..., 1]) - least, 0)
    return speed


def _centre(profile: NDArray[Any]) -> float:
    """Centre of mass of the densest third of a profile, as a share of its length."""
    import numpy as np

    width = max(1, profile.size // 3)
    sums = np.convolve(profile, np.ones(width, dtype=profile.dtype), mode="valid")
    first = int(sums.argmax())
    window = profile[first : first + width]
    weight = float(window.sum())
    if weight <= 0:
        return 0.5
    return float((np.arange(first, first + width) + 0.5) @ window) / weight / profile.size


class _Scaler:
    """Frames to small pictures, turned and stretched as a player shows them; all of the first one's size."""

    def __init__(self, frame: Any, aspect: float) -> None:
        """`aspect`: width of a pixel divided by its height."""
        self._small = _fitting(frame, aspect, SIDE)
        self._medium = _fitting(frame, aspect, 2 * SIDE)
        self._large = _fitting(frame, aspect, WIDTH)
        self._turns = round(frame.rotation / 90) % 4

    def colours(self, frame: Any) -> NDArray[Any]:
        """RGB of shape (height, width, 3), longer side SIDE. In two steps: the fast scaler alone would flicker."""
        import cv2

        picture = frame.reformat(*self._medium, "rgb24", interpolation="FAST_BILINEAR").to_ndarray()
        return self._turned(cv2.resize(picture, self._small, interpolation=cv2.INTER_AREA))

    def gray(self, frame: Any) -> NDArray[Any]:
        """Luma of shape (height, width), longer side at most WIDTH."""
        return self._turned(frame.reformat(*self._large, "gray", interpolation="FAST_BILINEAR").to_ndarray())

    def _turned(self, picture: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        return np.ascontiguousarray(np.rot90(picture, self._turns)) if self._turns else picture


def _fitting(frame: Any, aspect: float, longest: int) -> tuple[int, int]:
    """Width and height before turning that fit `longest`, with square pixels."""
    width, height = frame.width * aspect, float(frame.height)
    scale = min(1.0, longest / max(width, height))
    return max(2, round(width * scale)), max(2, round(height * scale))
