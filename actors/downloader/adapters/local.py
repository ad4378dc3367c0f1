"""Files of this machine: finding them by their address, and copying them."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from actors.downloader.ports import CaptionFile
from contracts.sidecar import LARGEST, Sidecar, SidecarError, parse_sidecar
from runtime.errors import Reject, Retry

__all__ = ["Stopped", "beside", "copy_file", "local_file", "neighbours", "sidecar_of"]

_CHUNK = 16 << 20
_SHOWN = 300
# Between two file systems of old kernels, on file systems without it, or in sandboxes that do not know the call.
_NOT_POSSIBLE = frozenset({errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM, errno.EBADF})
_CAPTIONS = (".json3", ".vtt", ".srt")  # those with the times of words first


class Stopped(Retry):
    """The copy was given up because nobody waits for it any more."""


def local_file(url: str, *, field: str, limit: int) -> Path:
    """The readable regular file behind a `file:` address. Raises `Reject`."""
    try:
        path = Path(url2pathname(urlsplit(url).path))
        stat = path.stat()
    except FileNotFoundError:
        raise Reject(
            f"There is no file {path}",
            advice="Check the path; it must be one of the machine that downloads",
            field=field,
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no path of a file"
        raise Reject(
            f"{url[:_SHOWN]} cannot be read ({reason.lower()})",
            advice="Check the path and its permissions",
            field=field,
        ) from None
    if path.is_dir():
        raise Reject(
            f"{path} is a folder", advice="Give one video file; the source `folder` watches whole folders", field=field
        )
    if not path.is_file():
        raise Reject(f"{path} is not a regular file", advice="Give the path of a video file", field=field)
    if stat.st_size == 0:
        raise Reject(
            f"{path} is empty (zero bytes)", advice="Its copying may have failed; give the whole file", field=field
        )
    if stat.st_size > limit:
        raise Reject(
            f"{path} has {stat.st_size} bytes, more than the {limit} allowed",
            advice="Raise CLIPWIRE_DOWNLOADER_MAX_BYTES (videos) or CLIPWIRE_DOWNLOADER_MAX_CAPTION_BYTES (captions)",
            field=field,
        )
    if not os.access(path, os.R_OK):
        raise Reject(
            f"{path} may not be read", advice="Give the user that Clipwire runs as the right to read it", field=field
        )
    return path


def beside(video: Path) -> tuple[CaptionFile, ...]:
    """Caption files next to a video: `name.srt`, or `name.en.srt` with the language; best first."""
    found: list[tuple[int, CaptionFile]] = []
    for path in sorted(video.parent.iterdir()):
        suffix = path.suffix.lower()
        if suffix not in _CAPTIONS or not path.is_file():
            continue
        if path.stem == video.stem:
            found.append((_CAPTIONS.index(suffix), CaptionFile(path, "beside")))
        elif path.stem.startswith(f"{video.stem}.") and _is_language(tag := path.stem[len(video.stem) + 1 :]):
            found.append((_CAPTIONS.index(suffix), CaptionFile(path, "beside", tag)))
    return tuple(file for _, file in sorted(found, key=lambda pair: pair[0]))


def sidecar_of(video: Path) -> tuple[Sidecar | None, tuple[str, ...]]:
    """What `name.json` next to a video says, if it is there; and what is wrong with it, in words."""
    path = video.with_suffix(".json")
    if not path.is_file():
        return None, ()
    try:
        with path.open("rb") as file:
            told = parse_sidecar(file.read(LARGEST + 1))
    except (SidecarError, OSError) as error:
        why = error.strerror or "unreadable" if isinstance(error, OSError) else error
        return None, (f"{path.name} beside the video cannot be used ({why}), so its rights are unknown: correct it",)
    unknown = ", ".join(sorted(told.model_extra or ())[:3])
    return told, (f"{path.name} beside the video has fields that nobody knows: {unknown}",) if unknown else ()


def neighbours(video: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of what lies beside a video and says something about it."""
    paths = [file.path for file in beside(video)]
    if (path := video.with_suffix(".json")).is_file():
        paths.append(path)
    stats = [(path.name, path.stat()) for path in paths]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _is_language(tag: str) -> bool:
    parts = tag.split("-")
    return 2 <= len(parts[0]) <= 3 and all(part.isalnum() and part.isascii() for part in parts)


def copy_file(source: Path, target: Path, copied: Callable[[int, int], None], stop: threading.Event) -> None:
    """Copy in this thread, calling `copied(bytes, of)` as it goes; by reference where the disk can.

    Never a hard link: the original belongs to somebody who may go on editing it. Raises `Stopped`, and `Retry` for
    a source that changed while it was copied.
    """
    with source.open("rb") as reader, target.open("wb") as writer:
        before = os.fstat(reader.fileno())
        done = 0
        while step := _copy_some(reader.fileno(), writer.fileno()):
            done += step
            copied(done, max(before.st_size, done))
            if stop.is_set():
                raise Stopped(f"Copying {source} was given up")
        after = os.fstat(reader.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or done != after.st_size:
        raise Retry(
            f"{source} changed while it was copied",
            after=30,
            advice="Send it again when its writer has finished",
        )


def _copy_some(reader: int, writer: int) -> int:
    if hasattr(os, "copy_file_range"):
        try:
            return os.copy_file_range(reader, writer, _CHUNK)
        except OSError as error:
            if error.errno not in _NOT_POSSIBLE:
                raise
    block = os.read(reader, _CHUNK)
    view = memoryview(block)
    while view:
        view = view[os.write(writer, view) :]
    return len(block)
