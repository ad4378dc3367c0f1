"""What lies over the picture: one painter for each overlay and each canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["Painter"]


class Painter(Protocol):
    """Draws on pictures that the pipe owns, in order of their number."""

    def paint(self, frame: VideoFrame, number: int) -> None:
        """Draw what is seen on picture `number` of the timeline into `frame` (yuv420p, BT.709, limited range)."""
        ...

    def remarks(self) -> tuple[str, ...]:
        """What could not be drawn, for a person; asked for after the last picture."""
        ...

    def close(self) -> None:
        """Let go of what is open; called once, also when the pipe ends early."""
        ...
