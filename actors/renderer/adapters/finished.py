"""Looking at the finished file before anybody gets it, and taking its picture."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from actors.renderer.adapters.level import Level
from actors.renderer.adapters.picture import planes_of
from actors.renderer.adapters.samples import RATE
from actors.renderer.adapters.sound import PEAK_LIMIT, Sound

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame

__all__ = ["BadResult", "inspect", "write_thumbnail"]

PEAK_ALLOWANCE = 0.05
THUMBNAIL_QUALITY = 90
CANDIDATES = 12


class BadResult(Exception):  # noqa: N818  # reads as what it is
    """A finished file that is not what was ordered. A fault of the renderer, not of the source."""


def inspect(path: Path, size: tuple[int, int], fps: int, frames: int, sound: Sound) -> Level:
    """Read the whole file: streams, sizes, every timestamp, atom order, all of its sound. Raises `BadResult`.

    The level is that of `sound`, which was measured as a player decodes it, and is the file's sound to the byte.
    """
    if _atoms(path)[:2] != ["ftyp", "moov"]:
        raise BadResult("the index does not stand in front of the media")
    with av.open(str(path)) as container:
        if len(container.streams.video) != 1 or len(container.streams.audio) != 1:
            raise BadResult("it needs one picture and one sound track")
        context = container.streams.video[0].codec_context
        if (context.width, context.height, context.pix_fmt) != (*size, "yuv420p"):
            raise BadResult(f"the picture is {context.width}x{context.height} {context.pix_fmt}")
        counted, heard = _timestamps(container.demux())
    if heard != sound.checksum:
        raise BadResult("its sound is not the one that was encoded")
    if counted != frames:
        raise BadResult(f"it has {counted} pictures instead of {frames}")
    with av.open(str(path)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    if abs(samples / RATE - frames / fps) > max(0.05, 1 / fps):
        raise BadResult(f"it has {samples / RATE:.2f} s of sound to {frames / fps:.2f} s of picture")
    peak = sound.level.true_peak
    if peak is not None and peak > PEAK_LIMIT + PEAK_ALLOWANCE:
        raise BadResult(f"its true peak is {peak:.2f} dBTP")
    return sound.level


def _timestamps(packets: Iterator[Packet[Any]]) -> tuple[int, str]:
    """The number of pictures, and the SHA-256 of the sound; raises where decoding times do not rise strictly."""
    before: dict[int, int] = {}
    frames, heard = 0, sha256()
    for packet in packets:
        if packet.dts is None:
            continue
        if packet.stream_index in before and packet.dts <= before[packet.stream_index]:
            raise BadResult(f"decoding times do not rise at {packet.dts} of stream {packet.stream_index}")
        before[packet.stream_index] = packet.dts
        if packet.stream.type == "video":
            frames += 1
        else:
            heard.update(bytes(packet))
    return frames, heard.hexdigest()


def _atoms(path: Path) -> list[str]:
    """Names of the top-level boxes of an MP4 (ISO/IEC 14496-12, 4.2), without free space."""
    names = []
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size = int.from_bytes(head[:4], "big")
            if size == 1:
                size = int.from_bytes(file.read(8), "big") - 8
            if head[4:] != b"free":
                names.append(head[4:].decode("latin-1"))
            if size < 8:
                break
            file.seek(size - 8, 1)
    return names


def write_thumbnail(video: Path, target: Path) -> None:
    """The sharpest picture that is neither dark nor blown out, among the keyframes of the short, as JPEG."""
    best: tuple[float, VideoFrame] | None = None
    with av.open(str(video)) as container:
        container.streams.video[0].codec_context.skip_frame = "NONKEY"
        for number, frame in enumerate(container.decode(video=0)):
            if (score := _score(frame)) > (best[0] if best else -1.0):
                best = (score, frame)
            if number >= CANDIDATES:
                break
    if best is None:
        raise BadResult("it has no picture that can be decoded")
    best[1].to_image().save(  # type: ignore[no-untyped-call]  # PyAV types all but this
        target, "JPEG", quality=THUMBNAIL_QUALITY, optimize=True
    )


def _score(frame: VideoFrame) -> float:
    """Mean gradient, less where the picture is dark, bright or flat all over."""
    luma = planes_of(frame)[0][::2, ::2]
    values = luma.astype(np.float32)
    sharpness = float(np.abs(np.diff(values, axis=0)).mean() + np.abs(np.diff(values, axis=1)).mean())
    brightness = (float(values.mean()) - 16) / 219
    return sharpness * max(0.05, 1 - 2 * abs(brightness - 0.5)) + 0.001
