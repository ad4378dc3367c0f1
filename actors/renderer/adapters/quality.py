"""What a short is like, measured while it is made and once more on the finished file.

Pictures are looked at before they are encoded, on a coarse grid, which costs less than a hundredth of encoding
them; the finished file is read packet by packet, and only its keyframes and some of its last pictures are decoded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from av.error import FFmpegError

from actors.renderer.adapters.planes import planes_of
from actors.renderer.adapters.readback import grid_of, is_dark, read_back
from actors.renderer.adapters.sound import PEAK_LIMIT, Sound
from actors.renderer.core.limits import not_kept
from actors.renderer.core.verdict import Expected, fault
from contracts.media import Stretch
from contracts.renders import QualityReport
from runtime.errors import Reject

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["BadResult", "Candidate", "Observer", "report", "sharpness_of"]

STILL = 0.255
"""Mean change in levels below which nothing moves: -60 dB, as FFmpeg's freezedetect."""
CLEARLY = 0.9
"""Share of black pixels below which a picture is black neither before nor after encoding."""
BLACK_S, FROZEN_S = 0.5, 2.0
EVERY_S = 0.35
"""Seconds between two pictures whose sharpness is measured."""
CANDIDATES = 4
BETTER = 1.05
"""How much better a picture must look to be copied: three megabytes for a hair's breadth are not worth it."""

Plane = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True)
class Candidate:
    """A picture that may become the thumbnail: its planes as they were before captions, and how good it looks."""

    number: int
    score: float
    planes: tuple[Plane, ...]


class _Spans:
    """Runs of pictures of which something is true, as long as they last at least `least` seconds."""

    def __init__(self, fps: int, least: float) -> None:
        self._fps, self._least = fps, least
        self._first: int | None = None
        self._found: list[Stretch] = []

    def add(self, number: int, true: bool) -> None:
        if true and self._first is None:
            self._first = number
        elif not true and self._first is not None:
            self._close(number)

    def until(self, frames: int) -> tuple[Stretch, ...]:
        """All of them, of a short of so many pictures."""
        if self._first is not None:
            self._close(frames)
        return tuple(self._found)

    def _close(self, last: int) -> None:
        first, self._first = self._first or 0, None
        if (last - first) / self._fps >= self._least - 1e-9:
            self._found.append(Stretch(start=first / self._fps, end=last / self._fps))


class Observer:
    """Sees every picture of one shape, in order, before captions and overlays are painted.

    Keeps at most four copies of pictures, spread over the whole length: each the best looking of its part.
    """

    def __init__(self, size: tuple[int, int], fps: int) -> None:
        self.size, self.fps = size, fps
        self.frames = 0
        self._black, self._frozen = _Spans(fps, BLACK_S), _Spans(fps, FROZEN_S)
        self._bright: list[bool] = []
        self._held: np.ndarray[Any, np.dtype[np.int16]] | None = None
        self._sharpness = 0.0
        self._measured = 0
        self._every = max(1, round(EVERY_S * fps))
        self._part = 2 * max(1, fps)
        self._best: dict[int, Candidate] = {}

    def see(self, frame: VideoFrame, number: int) -> None:
        """Look at picture `number` (`yuv420p`, limited range); nothing of it is kept but what is copied."""
        luma = luma_of(frame)
        grid = grid_of(luma)
        dark = is_dark(grid)
        self._bright.append(not is_dark(grid, CLEARLY))
        self._black.add(number, dark)
        still = self._held is not None and int(np.abs(grid - self._held).sum(dtype=np.int64)) < STILL * grid.size
        if not still:
            self._held = grid
            self._frozen.add(number, False)
        # The picture that is held is part of the span in which nothing changes.
        self._frozen.add(number, True)
        if number % self._every == 0:
            sharpness = sharpness_of(luma)
            self._sharpness += sharpness
            self._measured += 1
            self._consider(frame, number, _looks(sharpness, grid))
        self.frames = number + 1

    @property
    def black(self) -> tuple[Stretch, ...]:
        """Spans without a picture; asked for after the last one."""
        return self._black.until(self.frames)

    @property
    def frozen(self) -> tuple[Stretch, ...]:
        """Spans in which nothing changes; asked for after the last picture."""
        return self._frozen.until(self.frames)

    @property
    def sharpness(self) -> float:
        """Mean over time of the luma's gradient, in levels per pixel (`sharpness_of`)."""
        return self._sharpness / max(1, self._measured)

    def dark_at(self, times: Iterable[float]) -> bool:
        """Whether no picture at these seconds was clearly bright."""
        numbers = (round(time * self.fps) for time in times)
        return not any(self._bright[number] for number in numbers if number < len(self._bright))

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The best looking pictures, the best first."""
        return tuple(sorted(self._best.values(), key=lambda each: (-each.score, each.number)))

    def _consider(self, frame: VideoFrame, number: int, score: float) -> None:
        part = number // self._part
        while part >= CANDIDATES:  # parts grow with the short: two neighbours become one, and the better one stays
            self._part *= 2
            part = number // self._part
            halves, self._best = self._best, {}
            for each in halves.values():
                place = each.number // self._part
                if place not in self._best or each.score > self._best[place].score:
                    self._best[place] = each
        if part not in self._best or score > BETTER * self._best[part].score:
            self._best[part] = Candidate(number, score, tuple(plane.copy() for plane in planes_of(frame)))


def luma_of(frame: VideoFrame) -> Plane:
    """The luma of an 8-bit planar picture, without padding."""
    plane: Any = frame.planes[0]
    luma: Plane = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
    return luma


def sharpness_of(luma: Plane) -> float:
    """Root of the mean squared gradient in levels per pixel, on every 32nd row.

    Squared, because blur spreads an edge without making it lower: the plain mean would not see it.
    """
    rows = luma[: luma.shape[0] - 1 : 32].astype(np.float32)
    across, down = np.diff(rows, axis=1).ravel(), (luma[1::32][: rows.shape[0]] - rows).ravel()
    return float(np.sqrt(np.dot(across, across) / across.size + np.dot(down, down) / down.size))


def _looks(sharpness: float, grid: Any) -> float:
    """How good a picture looks as a thumbnail: sharp, neither dark nor blown out, and not all of one tone.

    Sharpness counts by its root, so that fine texture does not beat everything; brightness is best from 35 to 70 % of
    the range; contrast is the deviation of the luma, and enough at 50 levels.
    """
    bright = (float(grid.mean()) - 16) / 219
    exposure = 1.0 - min(1.0, max(0.0, 0.35 - bright, bright - 0.7) / 0.35)
    contrast = min(1.0, float(grid.std()) / 50)
    return float(np.sqrt(sharpness)) * (0.1 + 0.9 * exposure) * (0.2 + 0.8 * contrast)


class BadResult(Reject):
    """A finished file that is not what was ordered. A fault of the renderer, not of the source."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The finished short is not what was ordered: {fault}",
            advice="Set CLIPWIRE_RENDERER_ENCODER to libx264 if it is another encoder, and order it once more; "
            "if it happens again, report it with its source",
        )


def report(
    path: Path,
    *,
    fps: int,
    frames: int,
    sound: Sound,
    observer: Observer,
    target: float,
    coverage: float | None = None,
    platforms: tuple[str, ...] = (),
) -> QualityReport:
    """Read the finished file back, judge it, and tell its figures. Raises `BadResult` with what is not as ordered.

    `target`: loudness that was ordered, in LUFS. `coverage`: share of the spoken words that were drawn as captions.
    `platforms`: where it is to go; none: every platform whose limits are known.
    """
    try:
        found = read_back(path)
    except FFmpegError as error:
        raise BadResult(f"it can't be read ({error.strerror or type(error).__name__})") from error
    expected = Expected(
        size=observer.size,
        fps=fps,
        frames=frames,
        sound=sound.packets.checksum,
        loudness=sound.level.loudness,
        target=target,
        true_peak=sound.level.true_peak,
        peak_limit=PEAK_LIMIT,
        excused=sound.off_target,
        dark=observer.dark_at(time - found.video_start for time in found.looked_at),
    )
    if (what := fault(expected, found)) is not None:
        raise BadResult(what)
    size = path.stat().st_size
    return QualityReport(
        frames=found.frames,
        video_seconds=round(found.video_seconds, 4),
        audio_seconds=round(found.audio_seconds, 4),
        sound_offset_ms=round(1000 * found.offset, 3),
        black=observer.black,
        frozen=observer.frozen,
        silent=tuple(Stretch(start=start, end=min(end, frames / fps)) for start, end in found.silent),
        caption_coverage=coverage,
        sharpness=round(observer.sharpness, 3),
        bytes=size,
        too_large_for=not_kept(found.video_seconds, size, platforms),
    )
