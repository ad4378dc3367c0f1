"""The sample video of `clipwire demo`: drawn and spoken by this program itself, once, then kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from cli.sample.script import SCENES, TITLE, VERSION

__all__ = ["ensure_sample"]

_NAME = "how-a-short-video-finds-its-people"
_SCENE_PAUSE = 0.8  # seconds of silence before a new scene


def ensure_sample(home: Path, progress: Callable[[str, float], None] = lambda _what, _share: None) -> Path:
    """The video, with `.srt`, `.json3` (word times) and `.json` beside it; made when it is not there yet. Blocking.

    It is kept under the version of its content; the folder appears whole or not at all.
    """
    folder = home / "sample" / f"v{VERSION}"
    video = folder / f"{_NAME}.mp4"
    if video.is_file():
        return video
    part = folder.with_name(f".{uuid4().hex}.part")
    part.mkdir(parents=True)
    try:
        _make(part, progress)
        try:
            part.rename(folder)
        except OSError:
            if not video.is_file():  # else somebody else was faster, with the same content
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return video


def _make(folder: Path, progress: Callable[[str, float], None]) -> None:
    from cli.sample.film import Stage, encode, json3, srt
    from cli.sample.speech import speak

    progress("speaking", 0.0)
    sentences = [sentence for scene in SCENES for _, sentence in scene.lines]
    pauses = [0.0 if number else _SCENE_PAUSE for scene in SCENES for number in range(len(scene.lines))]
    speech = speak(sentences, pauses)
    (folder / f"{_NAME}.srt").write_text(srt(speech.lines), encoding="utf-8")
    (folder / f"{_NAME}.json3").write_text(json3(speech.lines), encoding="utf-8")
    about = {
        "title": TITLE,
        "author": "Clipwire",
        "language": "en",
        "rights": {"status": "owned", "licence": "CC0-1.0", "owner": "Clipwire"},
    }
    (folder / f"{_NAME}.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    encode(Stage(speech), folder / f"{_NAME}.mp4", lambda share: progress("drawing", share))
    progress("drawing", 1.0)
