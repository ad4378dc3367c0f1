"""The child process that looks whether an upload is what it has to be: `python -m gateway.http.examine`.

Its first bytes must be those of a container of sound or moving pictures, nothing else may be hidden in it, it must be
there to its end, and FFmpeg must find a picture or sound in it, reading this one file and nothing that it names.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from gateway.http.containers import HEAD, Container, container_of, hidden_in
from runtime.child import Say, limit_memory, serve_child
from runtime.errors import Reject
from runtime.opening import packets_of, this_file_alone

__all__ = ["work"]

_ADVICE = "Send one that a player opens, best as MP4, MOV, MKV or WebM"
_PACKETS = 1000


def work(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """`request`: `path` and `memory_mb`. Raises `Reject` for what is no video and no sound."""
    limit_memory(request["memory_mb"])
    path = Path(request["path"])
    with path.open("rb") as file:
        head, size = file.read(HEAD), path.stat().st_size
        container = container_of(head)
        if container is None:
            raise Reject("it is neither a video nor sound, whatever its name says", advice=_ADVICE)
        if (other := hidden_in(head)) is not None or zipfile.is_zipfile(file):
            raise Reject(f"it is also something else ({other or 'a ZIP archive'})", advice=_ADVICE)
        if not container.whole(file, size):
            raise Reject("it is cut off: it ends before its header says", advice="Send the whole file again")
    _check_streams(path, container)
    return {}


def _check_streams(path: Path, container: Container) -> None:
    """Raises `Reject` where FFmpeg finds nothing to play."""
    import av

    options = this_file_alone(container.formats)
    try:
        with av.open(f"file:{path.absolute()}", options=options, metadata_errors="replace") as opened:
            streams = [*opened.streams.video, *opened.streams.audio]
            for _, packet in zip(range(_PACKETS), packets_of(opened, streams) if streams else (), strict=False):
                if packet.size:
                    return
    except (av.FFmpegError, MemoryError) as error:
        why = error.strerror if isinstance(error, av.FFmpegError) else "it needs too much memory"
        raise Reject(f"it cannot be read as a video or sound ({why})", advice=_ADVICE) from None
    raise Reject("there is neither a picture nor sound in it", advice=_ADVICE)


if __name__ == "__main__":
    serve_child(work)
