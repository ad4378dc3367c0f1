"""Makes a smaller version of a video, in a child process: `python -m gateway.telegram.preview`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runtime.child import Say, limit_memory, serve_child
from runtime.errors import Reject
from runtime.opening import this_file_alone

__all__ = ["compress"]

_SIDE = 720
_MOST_BITS = 2_500_000
_SOUND_BITS = 96_000
_MEMORY_MB = 2048


def compress(source: Path, target: Path, *, most: int, duration: float) -> int:
    """H.264 and AAC of at most `most` bytes, the short side at most 720 pixels. The size that it got.

    Raises `Reject` where that length leaves no room for a picture.
    """
    import av

    bits = int(most * 8 * 0.9 / max(duration, 1.0)) - _SOUND_BITS
    if bits < 50_000:
        raise Reject(f"{duration:.0f} seconds of video do not fit into {most // 1_000_000} MB")
    part = target.with_suffix(".part")
    with (
        av.open(str(source), options=this_file_alone()) as given,
        av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as made,
    ):
        picture = given.streams.video[0]
        width, height = _fitting(picture.width, picture.height)
        video = made.add_stream("libx264", rate=picture.average_rate or 30)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.bit_rate = min(bits, _MOST_BITS)
        video.options = {"preset": "veryfast", "maxrate": str(video.bit_rate), "bufsize": str(video.bit_rate)}
        sounds = given.streams.audio[:1]
        sound = made.add_stream("aac", rate=44_100, layout="stereo", bit_rate=_SOUND_BITS) if sounds else None
        for frame in given.decode(picture, *sounds):
            if isinstance(frame, av.VideoFrame):
                made.mux(video.encode(frame.reformat(width, height, "yuv420p")))
            elif isinstance(frame, av.AudioFrame) and sound is not None:
                made.mux(sound.encode(frame))
        made.mux(video.encode(None))
        if sound is not None:
            made.mux(sound.encode(None))
    part.replace(target)
    return target.stat().st_size


def _fitting(width: int, height: int) -> tuple[int, int]:
    """Even sides of the same shape."""
    scale = min(1.0, _SIDE / min(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _work(request: dict[str, Any], progress: Say) -> dict[str, Any]:
    limit_memory(_MEMORY_MB)
    size = compress(
        Path(request["source"]), Path(request["target"]), most=request["bytes"], duration=request["duration"]
    )
    return {"bytes": size}


if __name__ == "__main__":
    serve_child(_work)
