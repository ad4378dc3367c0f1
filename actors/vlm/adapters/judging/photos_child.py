"""The child process that takes single pictures out of a clip: a seek to the keyframe before, then on to the time."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.opening import opened, start_of, video_of
from runtime.child import Say, limit_memory, serve_child
from runtime.opening import packets_of

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL.Image import Image

__all__ = ["LARGEST_SIDE", "photos", "work"]

LARGEST_SIDE = 1024
_QUALITY = 80
_MOST_FRAMES = 600
"""Frames that are decoded between a keyframe and the time; from there on any will do."""


def work(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """One clip. Raises `Reject` for what cannot be opened or decoded safely."""
    limit_memory(int(request["memory_mb"]))
    pictures = photos(Path(request["path"]), [float(t) for t in request["times"]])
    return {"pictures": [base64.b64encode(picture).decode() for picture in pictures]}


def photos(path: Path, times: list[float]) -> list[bytes]:
    """JPEG files, one per time in seconds; empty where there is no picture at that time."""
    with opened(path) as container:
        video = video_of(container)
        video.thread_type = "AUTO"
        aspect = float(video.sample_aspect_ratio or 1)
        return [_jpeg(frame, aspect) if (frame := _frame_at(container, video, t)) else b"" for t in times]


def _frame_at(container: InputContainer, stream: VideoStream, t: float) -> VideoFrame | None:
    """The first picture at or behind `t`, or the last one there is before it."""
    import av

    at = t + start_of(container)
    best = None
    try:
        if stream.time_base:
            container.seek(int(at / stream.time_base), stream=stream)
        frames = (frame for packet in packets_of(container, [stream]) for frame in packet.decode())
        for number, frame in enumerate(frames):
            best = frame
            if number >= _MOST_FRAMES or (frame.time is not None and frame.time >= at - 0.02):
                break
    except av.FFmpegError:
        return best
    return best


def _jpeg(frame: VideoFrame, aspect: float) -> bytes:
    """The picture as a player shows it. `aspect`: of its pixels."""
    wide, high = frame.width * aspect, float(frame.height)
    scale = min(1.0, LARGEST_SIDE / max(wide, high))
    width, height = (max(2, round(side * scale)) for side in (wide, high))
    picture: Image = frame.to_image(width=width, height=height)
    if frame.rotation:
        picture = picture.rotate(frame.rotation, expand=True)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


if __name__ == "__main__":
    serve_child(work)
