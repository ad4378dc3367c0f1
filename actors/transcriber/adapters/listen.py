"""The child process that listens: `python -m actors.transcriber.adapters.listen`, started by `whisper.py`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from runtime.children import serve_child

__all__ = ["parts", "work"]

_RATE = 16000
SEED = 1


def work(request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """`request`: `path`, `language` and the model's settings; the result has `words`, or `missing`.

    `missing`: `package`, `model` (it is not on this machine), `name` (there is none of this name) or `broken`, with
    the library's `detail`.
    """
    try:
        from ctranslate2 import set_random_seed
        from faster_whisper import WhisperModel
    except ImportError:
        return {"missing": "package"}
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
        return {"missing": _missing(request["model"], error), "detail": _first_sentence(error)}
    set_random_seed(SEED)  # where it is unsure the model draws lots: the same film shall have the same words
    return _listened(model, request, progress)


def _listened(model: Any, request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    from faster_whisper import decode_audio

    sound = decode_audio(request["path"], sampling_rate=_RATE)
    language = (request["language"] or "").split("-")[0].lower()
    known = language if language in model.supported_languages else None
    whole, began, words = len(sound) / _RATE, time.monotonic(), []
    for offset, part in parts(sound):
        # Conditioning on what was heard before makes one wrong guess repeat itself for minutes.
        segments, info = model.transcribe(
            part,
            language=known,
            beam_size=request["beam"],
            word_timestamps=True,
            vad_filter=request["vad"],
            condition_on_previous_text=False,
        )
        heard = False
        for segment in segments:
            for word in segment.words or ():
                heard = True
                times = (offset + float(word.start), offset + float(word.end))
                words.append([word.word.strip(), *times, float(word.probability)])
            _tell(progress, (offset + segment.end) / whole, began)
        _tell(progress, (offset + len(part) / _RATE) / whole, began)
        known = known or (info.language if heard else None)
    return {"words": words, "language": known}


def _tell(progress: Callable[[dict[str, Any]], None], share: float, began: float) -> None:
    share = min(1.0, share)
    eta = (time.monotonic() - began) * (1 - share) / share if share else None
    progress({"done": share, "note": "listening", "eta_s": eta})


def parts(sound: Any, *, longest_s: float = 900, search_s: float = 30) -> Iterator[tuple[float, Any]]:
    """Long sound in parts, each with its begin in seconds, cut at the quietest fifth of a second near the end.

    The features of a whole day would take gigabytes. `sound`: samples at 16 kHz.
    """
    block, begin = _RATE // 5, 0
    while begin < len(sound):
        end = begin + int(longest_s * _RATE)
        if end < len(sound):
            search = sound[end - int(search_s * _RATE) : end]
            loudness = (search[: len(search) // block * block].reshape(-1, block) ** 2).sum(axis=1)
            end += (int(loudness.argmin()) - len(loudness)) * block + block // 2
        yield begin / _RATE, sound[begin:end]
        begin = end


def _missing(model: str, error: Exception) -> str:
    if isinstance(error, ConnectionError | FileNotFoundError) and not Path(model).is_dir():
        return "model"
    return "name" if "Invalid model size" in str(error) else "broken"


def _first_sentence(error: Exception) -> str:
    return str(error).strip().split("\n")[0].split(". ")[0].rstrip(".") or type(error).__name__


if __name__ == "__main__":
    serve_child(work)
