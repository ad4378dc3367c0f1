"""Opens a local video file, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.media import MOST_PIXELS
from runtime.errors import Reject
from runtime.opening import CONTAINERS, SOUNDS, this_file_alone

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

__all__ = ["ADVICE", "opened", "start_of", "video_of"]

ADVICE = "Play the file to see whether it is whole, and give it again as MP4, MOV, MKV or WebM"


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """The container. Raises `Reject` for what is no video file: text, pictures, playlists that point elsewhere."""
    import av

    try:
        options = this_file_alone((*CONTAINERS, *SOUNDS))  # of sound alone it is said that it has no picture
        container = av.open(str(path), options=options, metadata_errors="ignore")
    except av.ArgumentError as error:  # a format that is not among these
        raise Reject(
            "the clip's media is no video file, but a picture, a playlist or the like", advice=ADVICE
        ) from error
    except (av.FFmpegError, OSError) as error:
        raise Reject(f"the clip's media cannot be opened as a video ({error})", advice=ADVICE) from error
    with container:
        yield container


def video_of(container: InputContainer) -> VideoStream:
    """The picture that a player shows: the default stream, else the first one, and never a cover.

    It decodes no frame of more than `MOST_PIXELS`. Raises `Reject` where there is none, a larger one, or no decoder.
    """
    import av

    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        raise Reject("the clip's media has no video", advice="Give a file with a picture; sound alone cannot be cut")
    stream = max(streams, key=lambda s: (bool(s.disposition & av.stream.Disposition.default), -s.index))
    context = stream.codec_context
    if context is None:
        raise Reject(
            "the clip's picture is of a kind that cannot be decoded, or it is copy-protected",
            advice="Give it again as H.264, HEVC, VP9 or AV1, without copy protection",
        )
    if context.width * context.height > MOST_PIXELS:
        raise Reject(
            f"the picture is {context.width}x{context.height}, more than {MOST_PIXELS / 1e6:g} megapixels",
            advice="Make it smaller (8K or less) and give it again",
        )
    context.options = {"max_pixels": str(MOST_PIXELS)}
    return stream


def start_of(container: InputContainer) -> float:
    """Seconds at which the clip begins; a player shows this instant as 0."""
    import av

    return (container.start_time or 0) / av.time_base
