"""Formats of files: captions by their first kilobytes, containers by FFmpeg's name."""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["caption_format", "container_suffix"]

_SUFFIXES = {
    "mov": ("mp4", "video/mp4"),
    "mpegts": ("ts", "video/mp2t"),
    "mpeg": ("mpg", "video/mpeg"),
    "ogg": ("ogv", "video/ogg"),
    "asf": ("wmv", "video/x-ms-wmv"),
    "avi": ("avi", "video/x-msvideo"),
    "mxf": ("mxf", "application/mxf"),
}
_CUE_TIMES = re.compile(r"\d{1,3}:\d\d(:\d\d)?[.,]\d{1,3}\s*-->")


def caption_format(head: bytes, name: str) -> Literal["srt", "vtt", "json3"] | None:
    """The format of a caption file, by its first kilobytes; its name counts where they do not tell."""
    encoding = "utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    text = head[: len(head) & ~1].decode(encoding, "replace").lstrip()
    if text.startswith("WEBVTT"):
        return "vtt"
    if text.startswith("{"):
        return "json3" if '"events"' in text or '"wireMagic"' in text else None
    if _CUE_TIMES.search(text):
        return "vtt" if name.lower().endswith(".vtt") else "srt"
    return None


def container_suffix(container: str, video_codec: str) -> tuple[str, str]:
    """The usual suffix and media type of a container, by FFmpeg's name of it."""
    if container.startswith("matroska"):
        return ("webm", "video/webm") if video_codec in {"vp8", "vp9"} else ("mkv", "video/x-matroska")
    first = container.split(",", maxsplit=1)[0]
    return _SUFFIXES.get(first, (first, f"video/x-{first}"))
