"""The child process that listens: `python -m actors.transcriber.adapters.listen`, started by `whisper.py`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from runtime.children import serve_child

__all__ = ["work"]


def work(request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """`request`: `path`, `language` and the model's settings; the result has `words`, or `missing` with the reason."""
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        return {"missing": f"faster-whisper cannot be loaded ({error})"}
    progress({"done": None, "note": "loading the speech model", "eta_s": None})
    try:
        model = WhisperModel(
            request["model"],
            device=request["device"],
            compute_type=request["compute"],
            cpu_threads=request["threads"],
            download_root=request["model_dir"],
            local_files_only=not request["download"],
        )
    except Exception as error:  # noqa: BLE001  # tokenizers and CTranslate2 raise bare exceptions for a broken model
        return {"missing": f"The speech model {request['model']!r} cannot be loaded ({_first_line(error)})"}
    return _listened(model, request, progress)


def _listened(model: Any, request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    language = (request["language"] or "").split("-")[0].lower()
    known = language if language in model.supported_languages else None
    began = time.monotonic()
    # Conditioning on what was heard before makes one wrong guess repeat itself for minutes.
    segments, info = model.transcribe(
        request["path"],
        language=known,
        beam_size=request["beam"],
        word_timestamps=True,
        vad_filter=True,
        condition_on_previous_text=False,
    )
    words = []
    for segment in segments:
        for word in segment.words or ():
            words.append([word.word.strip(), word.start, word.end, word.probability])
        share = min(1.0, segment.end / info.duration) if info.duration else None
        eta = (time.monotonic() - began) * (1 - share) / share if share else None
        progress({"done": share, "note": "listening", "eta_s": eta})
    return {"words": words, "language": info.language}


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200] or type(error).__name__


if __name__ == "__main__":
    serve_child(work)
