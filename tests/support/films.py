"""A small real film in any container, as bytes, made for the test."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import av
import numpy as np

__all__ = ["film_bytes"]

_CODECS = {
    "webm": ("libvpx", "libopus"),
    "ogg": (None, "libopus"),
    "wav": (None, "pcm_s16le"),
    "flac": (None, "flac"),
}
_CODECS |= {
    "mp3": (None, "libmp3lame"),
    "adts": (None, "aac"),
    "mpeg": ("mpeg2video", "mp2"),
    "flv": ("flv", "libmp3lame"),
}
_CODECS |= {"asf": ("mpeg4", "libmp3lame"), "avi": ("mpeg4", "libmp3lame"), "dv": ("dvvideo", "pcm_s16le")}


@cache
def film_bytes(container: str = "mp4", *, options: tuple[tuple[str, str], ...] = (), seconds: float = 0.4) -> bytes:
    """Noise in 64x48, in 720x576 for DV that knows no less, with sound; sound alone where the container is of sound."""
    picture, sound = _CODECS.get(container, ("libx264", "aac"))
    width, height, layout = (720, 576, "stereo") if container == "dv" else (64, 48, "mono")
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=dict(options)) as out:
        video: Any = (
            out.add_stream(picture, rate=25, width=width, height=height, pix_fmt="yuv420p") if picture else None
        )
        audio: Any = out.add_stream(sound, rate=48000, layout=layout)
        for _ in range(round(seconds * 25) if video else 0):
            pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
            out.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")))
        wave = (np.sin(np.arange(round(48000 * seconds)) / 20) * 9000).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.sample_rate = 48000
        out.mux(audio.encode(frame))
        for stream in (video, audio):
            out.mux(stream.encode(None) if stream else [])
    return file.getvalue()
