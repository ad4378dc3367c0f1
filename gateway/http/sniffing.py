"""Whether uploaded files are what they have to be, by their content alone. Raises 415 problems that say why not."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.http.problems import ProblemError
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Reject

__all__ = ["LARGEST_CAPTIONS", "check_captions", "check_video"]

LARGEST_CAPTIONS = 20 << 20
"""Bytes of a caption file; as much as the downloader takes."""
_TIMEOUT_S = 60.0
_MEMORY_MB = 1024
_TIMES = re.compile(r"^(?:\d{1,3}:)?\d{1,2}:\d{2}[,.]\d{1,3}[ \t]*-->", re.MULTILINE)
_JSON3 = re.compile(r'\s*\{.*"events"\s*:\s*\[', re.DOTALL)


async def check_video(path: Path) -> None:
    """In a child process that can be killed, for nobody knows what is in it."""
    request = {"path": str(path), "memory_mb": _MEMORY_MB}
    try:
        await run_child("gateway.http.examine", request, timeout_s=_TIMEOUT_S)
    except Reject as error:
        raise ProblemError(415, f"video: {error.what}", advice=error.advice, field="video") from None
    except (ChildCrashError, ChildTimeoutError):
        raise ProblemError(
            415,
            "video: it could not be examined",
            advice="It may be damaged, or made to do harm; convert it to MP4 and send that",
            field="video",
        ) from None


def check_captions(path: Path) -> None:
    """SubRip, WebVTT or YouTube's json3, as text."""
    told = path.read_bytes()
    try:
        text = told.decode("utf-16" if told[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        text = told.decode("cp1252", "replace")
    if "\0" in text or not (_TIMES.search(text) or _JSON3.match(text)):
        raise ProblemError(
            415,
            "captions: no line in it has times as SubRip and WebVTT write them",
            advice="Send an SRT or WebVTT file",
            field="captions",
        )
